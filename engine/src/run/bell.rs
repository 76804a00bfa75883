//! Waking the workers: a hint that there is something to do. Whoever misses it finds out when they next look.

use std::sync::Arc;

use tokio::sync::Notify;

#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Returns at once if it rang since it was last heard.
    pub async fn heard(&self) {
        self.0.notified().await;
    }
}
