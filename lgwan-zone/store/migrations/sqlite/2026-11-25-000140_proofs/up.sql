-- When and from where somebody proved last who they are: what is risky wants a proof of the last minutes.
alter table staff_sessions add column proved_at bigint not null default 0;
alter table staff_sessions add column proved_ip text not null default '';
-- When they did at the identity provider.
alter table sso_requests add column authenticated_at bigint;
