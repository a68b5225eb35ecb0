//! Pages of a long list.

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pager {
    /// Page shown, from 1.
    pub page: u64,
    /// Number of pages, at least 1.
    pub pages: u64,
    /// Entries on a page.
    pub per_page: u64,
    /// Entries in all.
    pub total: u64,
}

/// The links the macro `parts::pager` draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagerView {
    /// Numbers of the first and last entry shown, and of all.
    pub range: (u64, u64, u64),
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// The pages to choose from; `None` is a gap.
    pub pages: Vec<Option<PageLink>>,
}

/// One page to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    /// Number of the page.
    pub number: u64,
    /// Its address.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
}

impl Pager {
    /// `wanted` is what the address says; anything but a page of the list means
    /// the nearest one.
    #[must_use]
    pub fn new(wanted: Option<&str>, per_page: u64, total: u64) -> Self {
        let per_page = per_page.max(1);
        let pages = total.div_ceil(per_page).max(1);
        let wanted = wanted.and_then(|text| text.parse().ok()).unwrap_or(1);
        Self { page: wanted.clamp(1, pages), pages, per_page, total }
    }

    /// Entries before the ones shown.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        (self.page - 1) * self.per_page
    }

    /// The links, made with `href`.
    #[must_use]
    pub fn links(&self, href: impl Fn(u64) -> String) -> PagerView {
        let link = |number| PageLink { number, href: href(number), current: number == self.page };
        let mut pages = Vec::new();
        let mut last = 0;
        for number in self.near() {
            if number > last + 1 {
                pages.push(None);
            }
            pages.push(Some(link(number)));
            last = number;
        }
        let first_shown = if self.total == 0 { 0 } else { self.offset() + 1 };
        let last_shown = (self.offset() + self.per_page).min(self.total);
        PagerView {
            range: (first_shown, last_shown, self.total),
            previous: (self.page > 1).then(|| href(self.page - 1)),
            next: (self.page < self.pages).then(|| href(self.page + 1)),
            pages,
        }
    }

    /// The first and last page and the neighbours of the one shown.
    fn near(&self) -> Vec<u64> {
        let from = self.page.saturating_sub(2).max(1);
        let to = (self.page + 2).min(self.pages);
        let mut near = vec![1];
        near.extend(from..=to);
        near.push(self.pages);
        near.dedup();
        near.sort_unstable();
        near.dedup();
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(wanted: &str, total: u64) -> String {
        let view = Pager::new(Some(wanted), 10, total).links(|n| format!("?page={n}"));
        let show = |page: &Option<PageLink>| match page {
            None => "…".to_owned(),
            Some(page) if page.current => format!("[{}]", page.number),
            Some(page) => page.number.to_string(),
        };
        view.pages.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_neighbours_and_both_ends_can_be_chosen() {
        assert_eq!(shown("1", 0), "[1]");
        assert_eq!(shown("1", 25), "[1] 2 3");
        assert_eq!(shown("6", 120), "1 … 4 5 [6] 7 8 … 12");
        assert_eq!(shown("12", 120), "1 … 10 11 [12]");
    }

    /// MN-7.2: a page number from outside cannot lead out of the list.
    #[test]
    fn a_wrong_page_is_the_nearest_one() {
        for (wanted, page) in
            [("0", 1), ("-1", 1), ("x", 1), ("99", 3), ("18446744073709551615", 3)]
        {
            assert_eq!(Pager::new(Some(wanted), 10, 25).page, page, "{wanted}");
        }
        let last = Pager::new(Some("3"), 10, 25);
        let view = last.links(|n| n.to_string());
        assert_eq!((last.offset(), view.range, view.next), (20, (21, 25, 25), None));
    }
}
