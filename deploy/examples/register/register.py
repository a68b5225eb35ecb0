#!/usr/bin/env python3
"""Takes accepted applications of one procedure into a register, and issues a document for each.

An example of a plug-in for vendors of business systems (docs/api/README.md). It needs Python 3.9 and
nothing else, keeps everything in one folder, and may be stopped and started at any moment:

    python3 register.py --site https://shokuin.mirai.lgwan.example --key-file key.txt \\
        --procedure 01kn35e000p10vamgtbq15jnjc --columns name.family,name.given,kind --folder /srv/register

    register.csv   one line an application, never twice
    state.json     from when on changes are read at the next run

Run it every few minutes (cron, systemd timer). It exits with 0 when everything it met is settled, with 1
when something is left for the next run, and says on standard error what.
"""

import argparse
import base64
import csv
import http.client
import json
import os
import pathlib
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES = 5
LONGEST_WAIT = 60


class Refused(Exception):
    """The interface said no; `code` says why."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status, self.code = status, problem.get("code", "")


class Interface:
    """The interface, with every request tried again when its answer is lost."""

    def __init__(self, site, key, ca=None, pause=1.0):
        self.site, self.key, self.pause = site.rstrip("/"), key, pause
        self.tls = ssl.create_default_context(cafile=ca)

    def get(self, path, **query):
        query = urllib.parse.urlencode({name: value for name, value in query.items() if value})
        return self._ask("GET", f"{path}?{query}" if query else path, {}, None)

    def post(self, path, key, version=None, body=None):
        """A write. The same `key` makes it safe to send it again."""
        headers = {"Idempotency-Key": key}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._ask("POST", path, headers, body)

    def _ask(self, method, path, headers, body):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", **headers}
        if data is not None:
            headers["Content-Type"] = "application/json"
        why = None
        for turn in range(TRIES):
            if turn:
                time.sleep(min(self.pause * 2 ** (turn - 1), LONGEST_WAIT))
            request = urllib.request.Request(self.site + path, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=30, context=self._tls()) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                why = Refused(error.code, problem(error))
                if error.code == 429:
                    time.sleep(min(int(error.headers.get("Retry-After", "1")), LONGEST_WAIT))
                elif error.code not in (408, 500, 502, 503, 504):
                    raise why from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = error
        raise why

    def _tls(self):
        return self.tls if self.site.startswith("https:") else None


def problem(error):
    try:
        return json.load(error)
    except ValueError:
        return {"code": "?", "detail": "no problem details"}


class Register:
    """One line an application; a line is on the disk before the document is issued."""

    def __init__(self, folder, columns):
        self.place, self.columns = folder / "register.csv", columns
        self.known = set()
        if self._is_there():
            with self.place.open(encoding="utf-8-sig", newline="") as lines:
                self.known = {line[0] for line in csv.reader(lines) if line}
        else:
            self._write(["受付番号", "到達", *columns])

    def _is_there(self):
        """Whether it was begun. A line that broke off with an earlier run is taken away."""
        if not self.place.exists():
            return False
        with self.place.open("r+b") as file:
            end = file.read().rfind(b"\r\n")
            file.truncate(end + 2 if end >= 0 else 0)
        return end >= 0

    def take(self, application):
        if application["number"] in self.known:
            return
        answers = [answer(application["answers"], column) for column in self.columns]
        self._write([application["number"], application["arrived_at"], *answers])

    def _write(self, line):
        with self.place.open("a", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerow([plain(cell) for cell in line])
            lines.flush()
            os.fsync(lines.fileno())
        self.known.add(line[0])


def answer(answers, column):
    """`name.family` of the answers; empty when it was not asked or not answered."""
    value = answers
    for part in column.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)


def plain(cell):
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def paper(title, lines):
    """A page as PDF. A real system prints it with its own forms."""
    text = b"BT /F1 16 Tf 72 760 Td <" + title.encode("utf-16-be").hex().encode() + b"> Tj "
    for line in lines:
        text += b"0 -28 Td /F1 11 Tf <" + line.encode("utf-16-be").hex().encode() + b"> Tj "
    text += b"ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(text)).encode() + b" >>\nstream\n" + text + b"\nendstream",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H"
        b" /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /FontBBox [-123 -257 1001 910]"
        b" /ItalicAngle 0 /Ascent 723 /Descent -241 /CapHeight 709 /StemV 69 >>",
    ]
    out, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return out


def settle(interface, register, application_id):
    """Takes one application as far as it goes without staff."""
    path = f"/api/v1/applications/{application_id}"
    while True:
        application = interface.get(path)
        steps, version = application["steps"], application["version"]
        # The step and the version make the key: another run sends the very same write.
        key = f"r-{application_id}-{version}-"
        if application["state"] == "accepted" and "review" in steps:
            interface.post(f"{path}/review", key + "review", version)
        elif application["state"] == "reviewing" and "result" in steps:
            if application["doubts"] or application["held"]:
                words = "登録簿: 確認が必要な項目か、止めた添付ファイルがあるため、自動では処理しません。"
                interface.post(f"{path}/notes", f"r-{application_id}-note", body={"words": words})
                return
            register.take(application)
            document = paper("登録済証", [application["number"], application["applicant"]["name"]])
            body = {
                "note": "登録簿に登録しました。",
                "document": {
                    "title": "登録済証",
                    "file_name": f"登録済証-{application['number']}.pdf",
                    "content": base64.b64encode(document).decode(),
                },
            }
            interface.post(f"{path}/result", key + "result", version, body)
        elif application["state"] == "notified" and "finish" in steps:
            interface.post(f"{path}/finish", key + "finish", version)
        else:
            return


def changed(interface, procedure, since):
    """Every application that changed, and from when on to ask the next time."""
    found, resume, cursor = [], since, None
    while True:
        page = interface.get("/api/v1/applications", procedure=procedure, cursor=cursor,
                             changed_since=since)
        found += page["items"]
        resume = page["resume_from"] if cursor is None else resume
        cursor = page["next_cursor"]
        if cursor is None:
            return found, resume


def run(interface, procedure, columns, folder):
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "state.json"
    since = json.loads(place.read_text())["since"] if place.exists() else None
    register = Register(folder, columns)
    found, resume = changed(interface, procedure, since)
    left = 0
    for application in found:
        if application["state"] not in ("accepted", "reviewing", "notified"):
            continue
        try:
            settle(interface, register, application["id"])
        except Refused as why:
            # Somebody was faster (412), or an approval is missing (409): it changes again, then.
            if why.code not in ("api.moved", "api.not_now", "api.unapproved", "api.missing"):
                left += 1
                print(f"{application['number']}: {why}", file=sys.stderr)
        except OSError as why:
            left += 1
            print(f"{application['number']}: {why}", file=sys.stderr)
    if left == 0 and resume:
        draft = place.with_suffix(".new")
        draft.write_text(json.dumps({"since": resume}))
        os.replace(draft, place)
    return 1 if left else 0


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--site", required=True)
    options.add_argument("--key-file", required=True, type=pathlib.Path)
    options.add_argument("--procedure", required=True)
    options.add_argument("--columns", default="name.family,name.given")
    options.add_argument("--folder", required=True, type=pathlib.Path)
    options.add_argument("--ca", help="certificates of the city, PEM")
    options.add_argument("--pause", type=float, default=1.0, help="seconds before trying again")
    given = options.parse_args()
    key = given.key_file.read_text().strip()
    interface = Interface(given.site, key, given.ca, given.pause)
    return run(interface, given.procedure, given.columns.split(","), given.folder)


if __name__ == "__main__":
    sys.exit(main())
