//! What a center counts while it runs, from zero at each start: nothing here is read from the
//! store, so that a scrape costs the same however much was sold.
//!
//! [`Metrics::text`] is Prometheus' text format, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use saifu_wire::signed::Outcome;

use crate::store::Verdict;

/// The upper ends of a request's duration, in milliseconds.
const MILLISECONDS: [u64; 11] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

/// The most routes, methods and statuses that are told apart; further ones are counted as one.
const MAX_SERIES: usize = 1_024;

/// A number that only grows; its clone is the same one.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The sum.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long requests of one kind took.
#[derive(Debug, Clone, Default)]
struct Durations {
    at_most: [u64; MILLISECONDS.len()],
    count: u64,
    microseconds: u64,
}

/// A route as the router has it, a method, and a status.
type Kind = (String, &'static str, u16);

/// Everything that a center counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Payments that were settled.
    pub settled: Counter,
    /// Payments that were booked as suspense.
    pub suspended: Counter,
    /// Payments that were booked before.
    pub known: Counter,
    /// Payments that broke their card's chain.
    pub forked: Counter,
    /// Orders that were placed or found again.
    pub orders: Counter,
    /// Loads that were opened or found again.
    pub loads: Counter,
    /// Bytes of deliveries that were read to be sent.
    pub delivered_bytes: Counter,
    /// Failures of the center's own that a request met.
    pub own_failures: Counter,
    /// Requests that came too often, by class.
    limited: Mutex<BTreeMap<&'static str, u64>>,
    requests: Mutex<BTreeMap<Kind, Durations>>,
}

/// What the store's writer has done since it was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriterCounts {
    /// Transactions.
    pub batches: u64,
    /// Operations in them.
    pub operations: u64,
    /// The most operations of one transaction.
    pub largest: u64,
    /// Operations that wait.
    pub waiting: u64,
    /// Transactions that failed.
    pub failed: u64,
}

impl Metrics {
    /// Counts a request that was answered.
    pub fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
        let method = known.into_iter().find(|known| *known == method).unwrap_or("other");
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kind = (route.to_owned(), method, status);
        if requests.len() >= MAX_SERIES && !requests.contains_key(&kind) {
            kind = ("other".into(), "other", 0);
        }
        let durations = requests.entry(kind).or_default();
        let ends = durations.at_most.iter_mut().zip(MILLISECONDS);
        ends.filter(|(_, end)| took <= Duration::from_millis(*end)).for_each(|(n, _)| *n += 1);
        durations.count += 1;
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        durations.microseconds = durations.microseconds.saturating_add(took);
    }

    /// Counts what became of a payment.
    pub(crate) fn verdict(&self, verdict: &Verdict) {
        let counter = match verdict {
            Verdict::Booked { outcome: Outcome::Settled, .. } => &self.settled,
            Verdict::Booked { outcome: Outcome::Suspense, .. } => &self.suspended,
            Verdict::Known(_) => &self.known,
            Verdict::Fork(_) => &self.forked,
            Verdict::Unproven => return,
        };
        counter.add(1);
    }

    /// Counts a request that came too often.
    pub fn limited(&self, class: &'static str) {
        let mut limited = self.limited.lock().unwrap_or_else(PoisonError::into_inner);
        *limited.entry(class).or_default() += 1;
    }

    /// Everything, in Prometheus' text format.
    pub fn text(&self, writer: WriterCounts) -> String {
        let mut text = String::new();
        self.sales(&mut text);
        store(&mut text, writer);
        self.limits(&mut text);
        self.requests(&mut text);
        text
    }

    fn sales(&self, text: &mut String) {
        let name = "saifu_settlements_total";
        head(text, name, "counter", "Payments, by outcome.");
        for (outcome, counter) in [
            ("settled", &self.settled),
            ("suspense", &self.suspended),
            ("known", &self.known),
            ("fork", &self.forked),
        ] {
            sample(text, name, &format!("{{outcome=\"{outcome}\"}}"), counter.get());
        }
        for (name, help, counter) in [
            ("saifu_orders_total", "Orders placed or found again.", &self.orders),
            ("saifu_loads_total", "Loads opened or found again.", &self.loads),
            ("saifu_delivered_bytes_total", "Bytes of deliveries.", &self.delivered_bytes),
            ("saifu_own_failures_total", "Failures of the center's own.", &self.own_failures),
        ] {
            head(text, name, "counter", help);
            sample(text, name, "", counter.get());
        }
    }

    fn limits(&self, text: &mut String) {
        let name = "saifu_rate_limited_total";
        head(text, name, "counter", "Requests that came too often, by class of route.");
        for (class, count) in &*self.limited.lock().unwrap_or_else(PoisonError::into_inner) {
            sample(text, name, &format!("{{class=\"{class}\"}}"), *count);
        }
    }

    fn requests(&self, text: &mut String) {
        let name = "saifu_http_request_seconds";
        head(text, name, "histogram", "Requests, until their answer's head, by route.");
        for (kind, durations) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            let (route, method, status) = kind;
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            for (end, count) in MILLISECONDS.iter().zip(durations.at_most) {
                let end = *end as f64 / 1_000.0;
                sample(
                    text,
                    &format!("{name}_bucket"),
                    &format!("{{{labels},le=\"{end}\"}}"),
                    count,
                );
            }
            let all = durations.count;
            sample(text, &format!("{name}_bucket"), &format!("{{{labels},le=\"+Inf\"}}"), all);
            let seconds = durations.microseconds as f64 / 1_000_000.0;
            sample(text, &format!("{name}_sum"), &format!("{{{labels}}}"), seconds);
            sample(text, &format!("{name}_count"), &format!("{{{labels}}}"), all);
        }
    }
}

fn store(text: &mut String, writer: WriterCounts) {
    for (name, kind, help, value) in [
        ("saifu_store_batches_total", "counter", "Transactions of the writer.", writer.batches),
        ("saifu_store_operations_total", "counter", "Operations in them.", writer.operations),
        ("saifu_store_failed_batches_total", "counter", "Those that failed.", writer.failed),
        ("saifu_store_largest_batch", "gauge", "The most operations of one.", writer.largest),
        ("saifu_store_waiting", "gauge", "Operations that wait for it.", writer.waiting),
    ] {
        head(text, name, kind, help);
        sample(text, name, "", value);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing into a text cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn sample(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_status_with_their_durations() {
        let metrics = Metrics::default();
        for took in [1, 7, 40_000] {
            metrics.request("/v1/works/{work}", "GET", 200, Duration::from_millis(took));
        }
        metrics.request("", "BREW", 404, Duration::ZERO);
        metrics.limited("browse");
        metrics.settled.add(2);
        let text = metrics.text(WriterCounts { batches: 3, ..WriterCounts::default() });
        let labels = "route=\"/v1/works/{work}\",method=\"GET\",status=\"200\"";
        for line in [
            &format!("saifu_http_request_seconds_bucket{{{labels},le=\"0.005\"}} 1"),
            &format!("saifu_http_request_seconds_bucket{{{labels},le=\"0.01\"}} 2"),
            &format!("saifu_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} 3"),
            &format!("saifu_http_request_seconds_sum{{{labels}}} 40.008"),
            "saifu_rate_limited_total{class=\"browse\"} 1",
            "saifu_settlements_total{outcome=\"settled\"} 2",
            "saifu_store_batches_total 3",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
        assert!(text.contains("method=\"other\",status=\"404\""));
    }

    #[test]
    fn strangers_cannot_make_it_grow_without_end() {
        let metrics = Metrics::default();
        for n in 0..2_000 {
            metrics.request(&format!("/{n}"), "GET", 200, Duration::ZERO);
        }
        let lines = metrics.text(WriterCounts::default());
        let lines = lines.lines().filter(|line| line.contains("_seconds_count")).count();
        assert_eq!(lines, MAX_SERIES + 1);
    }
}
