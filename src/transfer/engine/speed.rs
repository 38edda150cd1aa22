//! How fast bytes move, for people.

use tokio::time::Instant;

/// Bytes a second, smoothed.
#[derive(Default)]
pub(super) struct Speed {
    last: Option<(Instant, u64)>,
    rate: f64,
}

impl Speed {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a figure for people"
    )]
    pub(super) fn now(&mut self, moved: u64) -> u64 {
        let now = Instant::now();
        if let Some((at, before)) = self.last {
            let took = now.saturating_duration_since(at).as_secs_f64();
            if took > 0.0 {
                let rate = moved.saturating_sub(before) as f64 / took;
                // What was three seconds ago counts a third.
                let weight = 1.0 - (-took / 3.0).exp();
                self.rate += weight * (rate - self.rate);
            }
        }
        self.last = Some((now, moved));
        self.rate as u64
    }
}
