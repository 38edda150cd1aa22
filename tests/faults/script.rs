//! A server that does what a script says, byte by byte: one script a connection.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One thing that the server does with a connection. After the last one it closes it in good order.
#[derive(Clone, Debug)]
pub enum Act {
    /// Reads the head of the request.
    Head,
    /// Reads the head, and the body that it announces.
    All,
    /// Reads so many bytes more.
    Some(usize),
    /// Writes.
    Say(String),
    /// Lets what was written arrive: a reset overtakes it otherwise.
    Pause,
    /// Ends the connection as if a cable were cut.
    Reset,
    /// Keeps the connection and says nothing more.
    Silence,
}

/// Writes an answer with a body and its length, which closes the connection.
pub fn answer(status: &str, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// What was asked, connection by connection, as it came.
pub type Log = Arc<Mutex<Vec<Vec<u8>>>>;

/// Plays the first script to the first connection and so on, the last one for ever. Gives the address, and what came.
pub async fn serve(scripts: Vec<Vec<Act>>) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let seen = Arc::clone(&log);
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((socket, _)) = listener.accept().await else {
                return;
            };
            seen.lock().unwrap().push(Vec::new());
            let script = scripts[number.min(scripts.len() - 1)].clone();
            tokio::spawn(play(socket, script, number, Arc::clone(&seen)));
        }
    });
    (url, log)
}

async fn play(mut socket: TcpStream, script: Vec<Act>, number: usize, log: Log) {
    let mut read = Vec::new();
    for act in script {
        match act {
            Act::Head => {
                head(&mut socket, &mut read).await;
            }
            Act::All => {
                let target = head(&mut socket, &mut read).await + length(&read);
                while read.len() < target && more(&mut socket, &mut read).await {}
            }
            Act::Some(bytes) => {
                let target = read.len() + bytes;
                while read.len() < target && more(&mut socket, &mut read).await {}
            }
            Act::Say(text) => {
                let _ = socket.write_all(text.as_bytes()).await;
                let _ = socket.flush().await;
            }
            Act::Pause => tokio::time::sleep(Duration::from_millis(60)).await,
            Act::Reset => {
                let _ = socket.set_zero_linger();
                break;
            }
            Act::Silence => {
                log.lock().unwrap()[number].clone_from(&read);
                return std::future::pending().await;
            }
        }
        log.lock().unwrap()[number].clone_from(&read);
    }
}

/// Reads the head, and gives where it ends.
async fn head(socket: &mut TcpStream, read: &mut Vec<u8>) -> usize {
    loop {
        if let Some(end) = head_end(read) {
            return end;
        }
        if !more(socket, read).await {
            return read.len();
        }
    }
}

async fn more(socket: &mut TcpStream, read: &mut Vec<u8>) -> bool {
    let mut buffer = vec![0; 64 << 10];
    match socket.read(&mut buffer).await {
        Ok(count) if count > 0 => {
            read.extend_from_slice(&buffer[..count]);
            true
        }
        _ => false,
    }
}

fn head_end(read: &[u8]) -> Option<usize> {
    read.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}

/// The length of the body that a head announces.
pub fn length(read: &[u8]) -> usize {
    let head = head_end(read).unwrap_or(read.len());
    String::from_utf8_lossy(&read[..head])
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or_default()
}

/// How many bytes of a body came.
pub fn body_bytes(read: &[u8]) -> usize {
    head_end(read).map_or(0, |end| read.len() - end)
}
