//! What a hijacked worker would try. Run by the tests, behind the real walls,
//! in the real binary: `sanitizer-worker --probe open`.

use std::process::ExitCode;

/// Tries one thing and says how it went: exit 0 when it was denied, 1 when it
/// succeeded, 2 when the probe is unknown. A wall may also kill the process.
#[must_use]
pub fn run(name: &str) -> ExitCode {
    let denied = match name {
        "open" => std::fs::File::open("/etc/passwd").err(),
        "list" => std::fs::read_dir("/").err(),
        "create" => std::fs::File::create("/tmp/sanitizer-worker-probe").err(),
        "listen" => std::net::TcpListener::bind(("127.0.0.1", 0)).err(),
        "connect" => std::net::TcpStream::connect(("127.0.0.1", 9)).err(),
        "datagram" => std::net::UdpSocket::bind(("127.0.0.1", 0)).err(),
        "spawn" => std::process::Command::new("/bin/true").spawn().err(),
        "thread" => std::thread::Builder::new().spawn(|| ()).err(),
        "memory" => Vec::<u8>::new().try_reserve(8 << 30).err().map(std::io::Error::other),
        "spin" => spin(),
        "panic" => panic!("a panic must not quote the file"),
        "abort" => std::process::abort(),
        "nothing" => None,
        _ => return ExitCode::from(2),
    };
    match denied {
        Some(error) => {
            println!("denied: {error}");
            ExitCode::SUCCESS
        }
        None => {
            println!("allowed");
            ExitCode::FAILURE
        }
    }
}

fn spin() -> Option<std::io::Error> {
    let mut number = 1_u64;
    while std::hint::black_box(number) != 0 {
        number = number.wrapping_mul(3).wrapping_add(2) | 1;
    }
    None
}
