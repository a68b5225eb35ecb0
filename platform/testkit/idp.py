"""A small identity provider over pysaml2 and xmlsec1: the city's 職員認証基盤 in the tests.

idp.py FOLDER METADATA [METHOD] listens on 127.0.0.1, writes idp.pem into FOLDER and prints its port.
METADATA is the address of the service provider's; it is read when the first person comes. METHOD is
the end of the name of the signature method. Everybody signs in with the password `himitsu`; who
ticks `second` has shown a second factor.
"""
import base64
import datetime
import html
import http.server
import pathlib
import sys
import urllib.parse
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NameID
from saml2.server import Server

FOLDER, METADATA = pathlib.Path(sys.argv[1]), sys.argv[2]
METHOD = sys.argv[3] if len(sys.argv) > 3 else "2001/04/xmldsig-more#rsa-sha256"
DIGEST = "2000/09/xmldsig#sha1" if METHOD.endswith("rsa-sha1") else "2001/04/xmlenc#sha256"
KEY, CERTIFICATE = FOLDER / "idp.key", FOLDER / "idp.pem"


def make_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    KEY.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    CERTIFICATE.write_bytes(certificate.public_bytes(encoding))


def page(body):
    return f"<!doctype html><html lang=ja><meta charset=utf-8><title>IdP</title>{body}".encode()


class Idp(http.server.BaseHTTPRequestHandler):
    saml = None

    def server_for(self):
        if Idp.saml is None:
            with urllib.request.urlopen(METADATA) as answer:
                metadata = answer.read().decode()
            config = {
                "entityid": f"{BASE}/metadata",
                "xmlsec_binary": "/usr/bin/xmlsec1",
                "key_file": str(KEY),
                "cert_file": str(CERTIFICATE),
                "metadata": {"inline": [metadata]},
                "service": {
                    "idp": {
                        "endpoints": {
                            "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)]
                        },
                        "policy": {"default": {"lifetime": {"minutes": 5}}},
                    }
                },
            }
            Idp.saml = Server(config=IdPConfig().load(config))
        return Idp.saml

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        request = query.get("SAMLRequest", "")
        self.server_for().parse_authn_request(request, BINDING_HTTP_REDIRECT)
        self.say(
            "<form method=post action=/sso>"
            f"<input type=hidden name=SAMLRequest value='{html.escape(request)}'>"
            "<input name=user><input name=password type=password>"
            "<input name=second type=checkbox><button>サインイン</button></form>"
        )

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        if form.get("password") != "himitsu":
            return self.say("<p>パスワードが違います。")
        saml = self.server_for()
        asked = saml.parse_authn_request(form["SAMLRequest"], BINDING_HTTP_REDIRECT).message
        proof = "https://refeds.org/profile/mfa" if "second" in form else (
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        )
        response = saml.create_authn_response(
            identity={"uid": [form["user"]]},
            userid=form["user"],
            name_id=NameID(text=form["user"]),
            authn={"class_ref": proof, "authn_auth": BASE},
            sign_assertion=True,
            sign_response="both" in form,
            sign_alg=f"http://www.w3.org/{METHOD}",
            digest_alg=f"http://www.w3.org/{DIGEST}",
            **saml.response_args(asked, [BINDING_HTTP_POST]) | {"name_id_policy": None},
        )
        packed = base64.b64encode(str(response).encode()).decode()
        acs = html.escape(asked.assertion_consumer_service_url)
        self.say(
            f"<form method=post action='{acs}'>"
            f"<input type=hidden name=SAMLResponse value='{packed}'>"
            "<button>戻る</button></form>"
        )

    def say(self, body):
        body = page(body)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # Many send it; the posted form then has the origin `null`.
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


make_key()
site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Idp)
BASE = f"http://127.0.0.1:{site.server_port}"
print(site.server_port, flush=True)
site.serve_forever()
