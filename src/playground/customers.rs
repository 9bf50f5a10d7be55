//! Customers, who buy at the sources once the copy was found right: from then on a comparison has something to tell.

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::shop;

/// How often somebody buys at each source.
const EVERY: Duration = Duration::from_millis(500);
/// Each source sells so much, and no more: a playground that is left open overnight fills no disk, and can be copied again in seconds.
pub(super) const MOST: u32 = 5_000;
/// A source that is gone is looked for so often.
const AGAIN: Duration = Duration::from_secs(2);
/// Longer than this nobody waits for a source.
const PATIENCE: Duration = Duration::from_secs(5);

/// Customers at all sources. They are gone when this is dropped.
pub(super) struct Customers {
    leave: CancellationToken,
    /// How much each source has sold.
    sold: Vec<watch::Receiver<u32>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Customers {
    /// Lets them come to the sources behind these ports. They have a thread of their own: that of the program waits for keys.
    pub(super) fn come(ports: &[u16], secret: &str) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let leave = CancellationToken::new();
        let (mut selling, mut sold) = (Vec::new(), Vec::new());
        for (source, port) in ports.iter().enumerate() {
            let (sell, sells) = watch::channel(0);
            selling.push(buy_on(source, options(*port, secret), sell));
            sold.push(sells);
        }
        let told = leave.clone();
        let customers = async move {
            tokio::select! {
                _ = futures_util::future::join_all(selling) => {}
                () = told.cancelled() => {}
            }
        };
        let thread = std::thread::Builder::new().name("customers".to_owned()).spawn(move || {
            runtime.block_on(customers);
            runtime.shutdown_background();
        })?;
        Ok(Self { leave, sold, thread: Some(thread) })
    }

    /// Waits until each source has sold so much; not for ever, as one may be gone.
    pub(super) async fn have_bought(&self, purchases: u32) {
        for sold in &self.sold {
            let mut sold = sold.clone();
            let _gone = timeout(PATIENCE * 2, sold.wait_for(|sold| *sold >= purchases)).await.is_err();
        }
    }
}

impl Drop for Customers {
    fn drop(&mut self) {
        self.leave.cancel();
        let _broken = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn options(port: u16, secret: &str) -> Opts {
    OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .user(Some(shop::USER))
        .pass(Some(secret))
        .prefer_socket(false)
        .init(vec!["SET NAMES utf8mb4"])
        .into()
}

/// Buys at one source, until it is sold out. That it is gone is told nobody: it may come back.
async fn buy_on(source: usize, options: Opts, sold: watch::Sender<u32>) {
    let mut often = interval(EVERY);
    often.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut conn = None;
    let mut purchases = 0;
    while purchases < MOST {
        often.tick().await;
        match timeout(PATIENCE, buy(conn.take(), &options, &shop::purchase(source, purchases))).await {
            Ok(Ok(kept)) => {
                conn = Some(kept);
                purchases += 1;
                sold.send_replace(purchases);
            }
            Ok(Err(_)) | Err(_) => sleep(AGAIN).await,
        }
    }
}

/// Each statement is a transaction of its own. One that is refused is left out: somebody plays with the tables.
async fn buy(conn: Option<Conn>, options: &Opts, statements: &[String]) -> Result<Conn, mysql_async::Error> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => Conn::new(options.clone()).await?,
    };
    for statement in statements {
        match conn.query_drop(statement).await {
            Ok(()) | Err(mysql_async::Error::Server(_)) => {}
            Err(gone) => return Err(gone),
        }
    }
    Ok(conn)
}
