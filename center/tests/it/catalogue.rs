//! Works are browsed: what is published, in pages, with previews.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::refusal::Refusal;
use saifu_center_api::{ProblemCode, Work, Works};
use saifu_wire::ContentId;
use saifu_wire::signed::PaymentOrder;

use crate::desk::{Desk, TEXT, code};

fn add(desk: &Desk, work: NewWork) -> Result<saifu_center::store::VersionRow, Refusal> {
    desk.center().add_work(&mut Cursor::new(TEXT.repeat(300)), work)
}

#[test]
fn what_is_not_published_is_not_shown() {
    let desk = Desk::open();
    let row = add(&desk, Desk::new_work(TEXT, "jpy:300")).unwrap();
    let path = format!("/v1/works/{}", row.added.work);
    assert_eq!(desk.get::<Works>("/v1/works").unwrap().works, []);
    assert_eq!(code(desk.get::<Work>(&path)), ProblemCode::NotFound);
    assert_eq!(code(desk.get::<Work>(&format!("{path}/preview"))), ProblemCode::NotFound);
    desk.center().publish(row.added.work, 1).unwrap();
    let shown: Work = desk.get(&path).unwrap();
    let listed = desk.get::<Works>("/v1/works").unwrap().works;
    assert_eq!(listed, std::slice::from_ref(&shown));
    assert_eq!((shown.version, shown.length), (1, TEXT.len() as u64 * 300));
    assert_eq!((shown.prices[0].kind.as_str(), shown.prices[0].amount), ("bit-cash", 300));
    assert_eq!((shown.payment.as_str(), shown.uses), ("pay-first", 0));
    assert_eq!(shown.published, "2026-11-22T00:00:00Z");
}

#[test]
fn a_preview_is_light_and_made_from_the_work() {
    let desk = Desk::open();
    let work = desk.sell("jpy:300");
    let shown: Work = desk.get(&format!("/v1/works/{work}")).unwrap();
    let preview = desk.bytes(&format!("/v1/works/{work}/preview"));
    assert_eq!(preview.len() as u64, shown.preview.length);
    assert!(shown.preview.length * 4 <= shown.length);
    assert!(preview.starts_with(&TEXT.as_bytes()[..20]));
}

#[test]
fn a_brought_preview_is_served_as_it_is() {
    let desk = Desk::open();
    let media_type = "text/plain".parse().unwrap();
    let preview = PreviewSource::Brought { media_type, bytes: b"The best purse ever.".to_vec() };
    let row = add(&desk, NewWork { preview, ..Desk::new_work(TEXT, "jpy:300") }).unwrap();
    desk.center().publish(row.added.work, 1).unwrap();
    let served = desk.bytes(&format!("/v1/works/{}/preview", row.added.work));
    assert_eq!(served, b"The best purse ever.");
}

#[test]
fn pages_follow_one_another_and_show_each_work_once() {
    let desk = Desk::open();
    let ids: Vec<String> = (1..=5).map(|price| desk.sell(&format!("jpy:{price}"))).collect();
    let mut seen = Vec::new();
    let mut path = "/v1/works?limit=2".to_owned();
    loop {
        let page: Works = desk.get(&path).unwrap();
        assert!(page.works.len() <= 2);
        seen.extend(page.works.into_iter().map(|work| work.id));
        let Some(next) = page.next else { break };
        path = format!("/v1/works?limit=2&cursor={next}");
    }
    assert_eq!(seen, ids);
    for bad in ["limit=0", "limit=201", "limit=x", "cursor=zz", "cursor=ffffffffffffffff"] {
        let refused = desk.get::<Works>(&format!("/v1/works?{bad}"));
        assert_eq!(code(refused), ProblemCode::Malformed, "{bad}");
    }
}

#[test]
fn a_new_edition_is_a_new_version_in_the_same_place() {
    let desk = Desk::open();
    let (first, second) = (desk.sell("jpy:300"), desk.sell("jpy:400"));
    let edition_of = ContentId::from_hex(&first);
    let edition = NewWork { edition_of, ..Desk::new_work("Second edition", "jpy:500") };
    let row = add(&desk, edition.clone()).unwrap();
    assert_eq!(row.version, 2);
    let shown = |id: &str| desk.get::<Work>(&format!("/v1/works/{id}")).unwrap();
    assert_eq!(shown(&first).version, 1, "not yet published");
    desk.center().publish(row.added.work, 2).unwrap();
    assert_eq!((shown(&first).version, shown(&first).prices[0].amount), (2, 500));
    let listed = desk.get::<Works>("/v1/works").unwrap().works;
    assert_eq!(listed.into_iter().map(|work| work.id).collect::<Vec<_>>(), [first, second]);
    let card = desk.customer();
    let old = desk.order_version(&card, &shown_id(edition_of), "old", Some(1)).unwrap();
    let new = desk.order(&card, &shown_id(edition_of), "new").unwrap();
    assert_eq!((old.version, new.version), (1, 2));
    let nowhere = NewWork { edition_of: Some(ContentId([1; 16])), ..edition };
    assert_eq!(add(&desk, nowhere).unwrap_err().code(), ProblemCode::NotFound);
}

fn shown_id(id: Option<ContentId>) -> String {
    id.unwrap().to_string()
}

#[test]
fn what_cannot_be_said_of_a_work_is_refused() {
    let desk = Desk::open();
    let good = || Desk::new_work(TEXT, "jpy:300");
    let bad = [
        NewWork { title: String::new(), ..good() },
        NewWork { creator: "\u{1B}[2J".into(), ..good() },
        NewWork { prices: vec![], ..good() },
        NewWork { payment: PaymentOrder::AlreadyPaid, ..good() },
        NewWork { prices: vec![good().prices[0].clone(); 9], ..good() },
        NewWork { media_type: "image/png".parse().unwrap(), ..good() },
    ];
    for work in bad {
        let refused = add(&desk, work.clone()).unwrap_err();
        assert_eq!(refused.code(), ProblemCode::Malformed, "{work:?}");
    }
    assert!(add(&desk, good()).is_ok());
    let free = NewWork { prices: vec![], payment: PaymentOrder::AlreadyPaid, ..good() };
    assert!(add(&desk, free).is_ok());
}

#[test]
fn a_work_of_which_no_preview_can_be_made_leaves_nothing_behind() {
    let desk = Desk::open();
    let files = || -> Vec<_> {
        let folders = ["blobs", "incoming"].map(|name| desk.folder.path().join("works").join(name));
        let entries = folders.into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let media_type = "image/png".parse().unwrap();
    let damaged = NewWork { media_type, ..Desk::new_work(TEXT, "jpy:300") };
    let refused = add(&desk, damaged).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Malformed, "{refused}");
    assert_eq!(files(), Vec::<PathBuf>::new());
    add(&desk, Desk::new_work(TEXT, "jpy:300")).unwrap();
    assert_eq!(files().len(), 2, "the work and its preview");
}
