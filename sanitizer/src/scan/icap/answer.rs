//! An answer of an ICAP service, read in bounds.

use std::io::{self, BufRead, Read as _};

/// Bytes of one line, and of all lines of a head.
const MOST_HEAD: usize = 32 << 10;
/// Bytes a body may have beyond the file that was sent.
const MORE_BODY: usize = 256 << 10;

/// What a service answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Of the ICAP head.
    pub(super) code: u16,
    headers: Vec<(String, String)>,
    /// Of the HTTP answer inside, when there is one.
    pub(super) status: Option<u16>,
    /// The body inside.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Reads one; `sent` is the number of bytes of the file.
    pub(super) fn read(from: &mut impl BufRead, sent: usize) -> io::Result<Self> {
        let mut left = MOST_HEAD;
        let first = line(from, &mut left)?;
        let code = first
            .strip_prefix("ICAP/1.0 ")
            .and_then(|it| it.split(' ').next())
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| io::Error::other("no ICAP answer"))?;
        let mut answer = Self { code, headers: headers(from, &mut left)?, ..Self::default() };
        let parts = answer.header("encapsulated").unwrap_or_default().to_owned();
        for part in parts.split(',').map(str::trim) {
            match part.split('=').next().unwrap_or_default() {
                "res-hdr" => {
                    let status = line(from, &mut left)?;
                    answer.status = status.split(' ').nth(1).and_then(|it| it.parse().ok());
                    headers(from, &mut left)?;
                }
                "req-hdr" => {
                    line(from, &mut left)?;
                    headers(from, &mut left)?;
                    // A request let through is as good as an answer of 200.
                    answer.status = Some(200);
                }
                "res-body" | "req-body" | "opt-body" => answer.body = body(from, sent + MORE_BODY)?,
                _ => {}
            }
        }
        Ok(answer)
    }

    /// The value of a header; names in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The name a service gives what it found.
    pub(super) fn threat(&self) -> Option<String> {
        if let Some(found) = self.header("x-infection-found") {
            let named = found.split(';').find_map(|it| it.trim().strip_prefix("Threat="));
            return Some(named.unwrap_or(found).to_owned());
        }
        let plain = self.header("x-virus-id").filter(|it| !it.eq_ignore_ascii_case("no threats"));
        if let Some(name) = plain {
            return Some(name.to_owned());
        }
        self.header("x-violations-found").filter(|it| *it != "0").map(str::to_owned)
    }
}

fn headers(from: &mut impl BufRead, left: &mut usize) -> io::Result<Vec<(String, String)>> {
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let line = line(from, left)?;
        if line.is_empty() {
            return Ok(headers);
        }
        match line.split_once(':') {
            // A header that goes on in the next line.
            _ if line.starts_with([' ', '\t']) => {
                if let Some(last) = headers.last_mut() {
                    last.1 = format!("{} {}", last.1, line.trim());
                }
            }
            Some((name, value)) => {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            None => return Err(io::Error::other("a head that is none")),
        }
    }
}

fn line(from: &mut impl BufRead, left: &mut usize) -> io::Result<String> {
    let mut line = Vec::new();
    let read = from.take(*left as u64).read_until(b'\n', &mut line)?;
    *left -= read;
    match line.strip_suffix(b"\n") {
        Some(line) => {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            Ok(String::from_utf8_lossy(line).into_owned())
        }
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn body(from: &mut impl BufRead, most: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from, &mut { 256 })?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size == 0 {
            headers(from, &mut { MOST_HEAD })?;
            return Ok(body);
        }
        if size > most.saturating_sub(body.len()) {
            return Err(io::Error::other("a longer answer than the file"));
        }
        let before = body.len();
        from.take(size as u64).read_to_end(&mut body)?;
        if body.len() - before != size || !line(from, &mut { 2 })?.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<Answer> {
        Answer::read(&mut text.as_bytes(), 10)
    }

    /// NF-32: an answer is read with what is in it, and its names are found.
    #[test]
    fn answers_are_read_with_their_names() {
        let found = read(
            "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2;\r\n Threat=Eicar;\r\n\
             Encapsulated: res-hdr=0, res-body=30\r\n\r\nHTTP/1.1 403 Forbidden\r\nA: b\r\n\r\n\
             4\r\nwait\r\n3; x=y\r\ning\r\n0\r\n\r\n",
        );
        let found = found.expect("an answer");
        assert_eq!((found.code, found.status), (200, Some(403)));
        assert_eq!((found.threat().as_deref(), &found.body[..]), (Some("Eicar"), &b"waiting"[..]));
        let clean = read("ICAP/1.0 204 No Content\r\nX-Virus-ID: no threats\r\n\r\n");
        let clean = clean.expect("an answer");
        assert_eq!((clean.code, clean.threat()), (204, None));
    }

    /// NF-32: what is cut short, endless or no ICAP is no opinion.
    #[test]
    fn odd_answers_are_refused() {
        let endless = format!("ICAP/1.0 200 OK\r\n{}", "a: b\r\n".repeat(10_000));
        let long = "ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\nfffffff\r\n";
        let cut = "ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n5\r\nab";
        for odd in ["", "HTTP/1.1 200 OK\r\n\r\n", "ICAP/1.0 204", &endless, long, cut] {
            assert!(read(odd).is_err(), "{}", &odd[..odd.len().min(40)]);
        }
    }
}
