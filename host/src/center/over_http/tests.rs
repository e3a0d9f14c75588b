use super::*;

fn asked(url: &str) -> Result<Http, HttpError> {
    Http::new(url, None, Duration::from_secs(1))
}

#[test]
fn many_threads_may_call_it() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&asked("https://shop.example").unwrap());
}

#[test]
fn what_is_wrong_with_an_address_or_an_authority_is_told_at_once() {
    let clear = asked("http://shop.example").unwrap_err().to_string();
    assert!(clear.contains("this very machine only, not to shop.example"), "{clear}");
    let empty = Http::new("https://shop.example", Some(b""), Duration::from_secs(1));
    assert_eq!(empty.unwrap_err(), AuthorityError::Empty.into());
}
