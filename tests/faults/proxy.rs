//! A proxy that cuts connections after so many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Where a connection is cut: after so many bytes up (to the server) or down (from it).
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Bytes to the server.
    pub up: usize,
    /// Bytes from the server.
    pub down: usize,
}

impl Cut {
    /// Not at all.
    pub const NEVER: Self = Self {
        up: usize::MAX,
        down: usize::MAX,
    };

    /// After so many bytes from the server.
    pub fn down(bytes: usize) -> Self {
        Self {
            down: bytes,
            ..Self::NEVER
        }
    }

    /// After so many bytes to the server.
    pub fn up(bytes: usize) -> Self {
        Self {
            up: bytes,
            ..Self::NEVER
        }
    }
}

/// Stands before the server at `server` (`http://127.0.0.1:PORT`). The first connection is cut as the first of `cuts`
/// says and so on, those that follow the last one never. Gives the address and counts the connections.
pub async fn before(server: &str, cuts: Vec<Cut>) -> (String, Arc<AtomicUsize>) {
    let server = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            let cut = cuts.get(number).copied().unwrap_or(Cut::NEVER);
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(join(client, server, cut));
        }
    });
    (url, count)
}

async fn join(client: TcpStream, server: TcpStream, cut: Cut) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let is_cut = tokio::select! {
        is_cut = carry(&mut from_client, &mut to_server, cut.up) => is_cut,
        is_cut = carry(&mut from_server, &mut to_client, cut.down) => is_cut,
    };
    if is_cut {
        let _ = (
            to_client.as_ref().set_zero_linger(),
            to_server.as_ref().set_zero_linger(),
        );
    }
}

/// Carries bytes until one side ends; true if they were cut off.
async fn carry(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut left: usize) -> bool {
    let mut buffer = vec![0; 16 << 10];
    while left > 0 {
        let most = buffer.len().min(left);
        match from.read(&mut buffer[..most]).await {
            Ok(count) if count > 0 && to.write_all(&buffer[..count]).await.is_ok() => left -= count,
            _ => return false,
        }
    }
    // Let it arrive: the reset would overtake it.
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    true
}
