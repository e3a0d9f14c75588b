//! The trace of the request that is being answered, for whatever refuses it.

use std::future::Future;

tokio::task_local! {
    static TRACE: String;
}

/// Answers a request of this trace.
pub(crate) async fn traced<T>(trace: String, answer: impl Future<Output = T>) -> T {
    TRACE.scope(trace, answer).await
}

/// The trace of the request that is being answered; none where nobody traces.
pub(super) fn now() -> Option<String> {
    TRACE.try_with(Clone::clone).ok()
}
