//! A request written to the socket as it is: clients clean paths up (`..`, `//`) before they send them, and a hostile one
//! does not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer as it came.
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Sends one request to `host:port` and reads the whole answer.
pub fn send(address: &str, method: &str, path: &str, headers: &[(String, String)], body: Option<&[u8]>) -> Reply {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if body.is_some() || matches!(method, "POST" | "PUT" | "PATCH") {
        let length = body.map_or(0, <[u8]>::len);
        request.push_str(&format!("content-length: {length}\r\n"));
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body.unwrap_or_default());
    exchange(address, &bytes, method == "HEAD")
}

/// Writes bytes and reads what comes back until the server closes.
pub fn exchange(address: &str, bytes: &[u8], is_head: bool) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    parse(&answer, is_head)
}

fn parse(answer: &[u8], is_head: bool) -> Reply {
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("an answer has a head");
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let reply = Reply {
        status: status.parse().unwrap(),
        headers,
        body: answer[end + 4..].to_vec(),
    };
    let length = reply
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    if !is_head && reply.status != 304 {
        assert_eq!(reply.body.len(), length, "the body is as long as was said");
    }
    reply
}
