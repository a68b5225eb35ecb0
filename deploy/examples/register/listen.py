#!/usr/bin/env python3
"""Webhookを受け取る見本。署名と時刻を確かめ、同じ知らせを二度扱わずに、決めたコマンドを動かす。

    python3 listen.py --secret-file webhook.txt --folder /srv/register --port 8080 -- python3 register.py ...

知らせには申請の番号と状態だけが載る。内容は register.py がAPIで読む。Python 3だけで動く。
"""

import argparse
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import sys
import threading
import time

# 古い知らせを使い回されないように、署名の時刻は5分まで。
OLDEST = 300
LARGEST = 64 * 1024
# 失敗したコマンドをもう一度動かすまでの秒数。
AGAIN = 60.0


class Ledger:
    """受け取った知らせの番号。書き終えてから答えるので、答えた知らせは残っている。"""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, "events.txt")
        self.lock = threading.Lock()
        self.known = set()
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as lines:
                self.known = {line.strip() for line in lines}

    def is_new(self, event):
        with self.lock:
            if event in self.known:
                return False
            with open(self.path, "a", encoding="utf-8") as lines:
                lines.write(event + "\n")
                lines.flush()
                os.fsync(lines.fileno())
            self.known.add(event)
            return True


def genuine(secret, timestamp, body, signature, now):
    """署名が正しく、時刻が新しいか。"""
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > OLDEST:
        return False
    signed = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(("v1=" + signed).encode(), signature.encode())


def handler(secret, ledger, wake, skew):
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self):
            length = self.headers.get("Content-Length", "0")
            size = int(length) if length.isascii() and length.isdigit() else LARGEST + 1
            if size > LARGEST:
                return self.answer(413)
            body = self.rfile.read(size)
            head = lambda name: self.headers.get(name, "")
            now = time.time() if skew is None else int(head("Madoguchi-Timestamp") or 0) + skew
            if not genuine(secret, head("Madoguchi-Timestamp"), body, head("Madoguchi-Signature"), now):
                return self.answer(401)
            told = json.loads(body)
            if ledger.is_new(told["event"]):
                wake.set()
            # 前に受け取った知らせにも、受け取ったと答える。
            return self.answer(204)

        def answer(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--skew", type=int, help="試験用: 時計の代わりに、署名の時刻からのずれ(秒)")
    parser.add_argument("--again", type=float, default=AGAIN, help="失敗したコマンドをもう一度動かすまでの秒数")
    parser.add_argument("command", nargs="*", help="知らせを受けたときに動かすコマンド")
    wish = parser.parse_args()
    with open(wish.secret_file, "rb") as file:
        secret = file.read().strip()
    wake = threading.Event()
    ledger = Ledger(wish.folder)
    server = http.server.ThreadingHTTPServer(
        (wish.host, wish.port), handler(secret, ledger, wake, wish.skew)
    )
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # 止まる前に受け取った知らせは、まだ扱っていないかもしれない。
    wake.set()
    failed = False
    while True:
        wake.wait(wish.again if failed else None)
        wake.clear()
        # 続けて届いた知らせは、1回でまとめて扱う。
        failed = bool(wish.command) and subprocess.run(wish.command, check=False).returncode != 0
        if failed:
            print("コマンドが失敗しました。少し待って、もう一度動かします。", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
