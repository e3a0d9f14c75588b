//! `/v1/admin/sales` and `/v1/admin/shops`: shops, what they have sold, and their statements.
//!
//! A token of role shop is shown its own shop alone.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_wire::ShopId;
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::answer::{Answer, json, waiting};
use super::super::openapi::Refused;
use super::super::request::{Body, Named};
use super::noted::{On, noted};
use super::page::{Asked, Bounds, Page, Queried, bounds, linked};
use crate::center::Center;
use crate::clock::{rfc3339, second};
use crate::ledger::StatementAsked;
use crate::money;
use crate::operators::Operator;
use crate::refusal::{Refusal, Result};
use crate::shops::{NewShop, ShopChange};
use crate::store::{Sale, ShopRow};

/// Which sales are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SalesAsked {
    /// Those of this shop alone: its slug or its id; a token of a shop is shown no other.
    shop: Option<String>,
    /// Only what comes after this number.
    #[param(maximum = 9223372036854775807u64)]
    after: Option<u64>,
    /// How many to list at most, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[utoipa::path(
    get,
    path = "/v1/admin/sales",
    tag = "admin",
    params(SalesAsked),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminSales), Refused),
)]
pub(super) async fn sales(
    State(center): State<Arc<Center>>,
    Extension(operator): Extension<Operator>,
    Queried(asked): Queried<SalesAsked>,
) -> Answer<Response> {
    let Bounds { after, limit } = bounds(asked.after, asked.limit)?;
    waiting(center, move |center| {
        let named = asked.shop.or_else(|| operator.shop.clone());
        let Some(named) = named else {
            let sales: Vec<_> = center.sales(after, limit)?.iter().map(sale).collect();
            let next = sales.last().filter(|_| sales.len() == limit as usize).map(|of| of.entry);
            let page = api::AdminSales { sales, next };
            return Ok(linked("/v1/admin/sales", &[], limit, next, page));
        };
        let shop = own(center, &operator, &named)?;
        let (sales, next) = center.sales_of(shop.id, after, limit)?;
        let page = api::AdminSales { sales: sales.iter().map(sale).collect(), next };
        Ok(linked("/v1/admin/sales", &[("shop", &named)], limit, next, page))
    })
    .await
}

fn sale(sale: &Sale) -> api::AdminSale {
    api::AdminSale {
        entry: sale.entry,
        booked: rfc3339(sale.booked),
        outcome: match sale.outcome {
            Outcome::Settled => "settled".into(),
            Outcome::Suspense => "suspense".into(),
        },
        reason: sale.reason.clone(),
        order: sale.order.to_string(),
        account: sale.account.to_string(),
        shop: (!sale.shop.is_zero()).then(|| sale.shop.to_string()),
        title: sale.title.clone(),
        kind: money::kind_name(sale.kind).into(),
        unit: sale.unit.to_string(),
        amount: sale.amount,
    }
}

/// The shop that is named, if the operator may see it.
fn own(center: &Center, operator: &Operator, named: &str) -> Result<ShopRow> {
    let found = center.shop(named);
    // Whoever is bound to a shop is not told which others there are.
    let id = found.as_ref().map_or_else(|_| named.to_owned(), |row| row.id.to_string());
    operator.refuse_other_shop(&id)?;
    found
}

#[utoipa::path(
    get,
    path = "/v1/admin/shops",
    tag = "admin",
    params(Asked),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminShops), Refused),
)]
pub(super) async fn list(State(center): State<Arc<Center>>, page: Page) -> Answer<Response> {
    let Bounds { after, limit } = page.bounds()?;
    waiting(center, move |center| {
        let rows = center.shops(after, limit)?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|(place, _)| *place);
        let shops = rows.into_iter().map(|(_, row)| shape(row)).collect();
        Ok(linked("/v1/admin/shops", &[], limit, next, api::AdminShops { shops, next }))
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/admin/shops",
    tag = "admin",
    request_body = api::NewShopRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::AdminShop), Refused),
)]
pub(super) async fn add(
    State(center): State<Arc<Center>>,
    Body(request): Body<api::NewShopRequest>,
) -> Response {
    let on = On::default().said("name", &request.name);
    let on = on.maybe("fee_basis_points", request.fee_basis_points);
    let api::NewShopRequest { name, slug, terms, fee_basis_points } = request;
    let fee_basis_points = fee_basis_points.unwrap_or(0);
    let new = NewShop { name, slug, terms, fee_basis_points };
    let opened = json(center, move |center| center.add_shop_once(new).map(shape)).await;
    noted(on, opened, |on, shop: &api::AdminShop| {
        on.with("slug", &shop.slug).with("shop", &shop.id)
    })
}

#[utoipa::path(
    get,
    path = "/v1/admin/shops/{shop}",
    tag = "admin",
    params(("shop" = String, Path, pattern = "^[0-9a-z][0-9a-z-]{0,39}$")),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminShop), Refused),
)]
pub(super) async fn show(
    State(center): State<Arc<Center>>,
    Extension(operator): Extension<Operator>,
    Named(shop): Named,
) -> Answer<Json<api::AdminShop>> {
    json(center, move |center| own(center, &operator, &shop).map(shape)).await
}

#[utoipa::path(
    patch,
    path = "/v1/admin/shops/{shop}",
    tag = "admin",
    params(("shop" = String, Path, pattern = "^[0-9a-z][0-9a-z-]{0,39}$")),
    request_body = api::ShopChangeRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::AdminShop), Refused),
)]
pub(super) async fn change(
    State(center): State<Arc<Center>>,
    Named(shop): Named,
    Body(request): Body<api::ShopChangeRequest>,
) -> Response {
    let on = on_change(&request);
    let api::ShopChangeRequest { name, slug, terms, fee_basis_points, open } = request;
    let change = ShopChange { name, slug, terms, fee_basis_points, open };
    let changed = json(center, move |center| {
        let shop = center.shop(&shop)?.id;
        center.change_shop(shop, change).map(shape)
    })
    .await;
    noted(on, changed, |on, shop: &api::AdminShop| on.with("shop", &shop.id))
}

fn on_change(asked: &api::ShopChangeRequest) -> On {
    let on = On::default().maybe("fee_basis_points", asked.fee_basis_points);
    let texts = [("slug", &asked.slug), ("name", &asked.name), ("terms", &asked.terms)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    texts.fold(on.maybe("open", asked.open), |on, (name, text)| on.said(name, text))
}

fn shape(row: ShopRow) -> api::AdminShop {
    api::AdminShop {
        id: row.id.to_string(),
        slug: row.slug,
        name: row.name,
        terms: row.terms,
        fee_basis_points: row.fee_basis_points,
        opened: rfc3339(row.opened),
        closed: row.closed.map(rfc3339),
    }
}

/// Which statement is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Period {
    /// From this moment on; from the beginning where absent.
    #[param(format = "date-time")]
    from: Option<String>,
    /// Up to this moment, itself not included; up to now where absent.
    #[param(format = "date-time")]
    to: Option<String>,
    /// Only this kind of value.
    kind: Option<String>,
    /// Only this unit.
    unit: Option<String>,
    /// Lines after this entry of the ledger; with it, kind and unit are named.
    #[param(maximum = 9223372036854775807u64)]
    after: Option<u64>,
    /// How many lines of each kind and unit to list at most, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[utoipa::path(
    get,
    path = "/v1/admin/shops/{shop}/statement",
    tag = "admin",
    params(("shop" = String, Path, pattern = "^[0-9a-z][0-9a-z-]{0,39}$"), Period),
    security(("operator" = [])),
    responses((status = 200, body = api::Statements), Refused),
)]
pub(super) async fn statement(
    State(center): State<Arc<Center>>,
    Extension(operator): Extension<Operator>,
    Path(shop): Path<String>,
    Queried(asked): Queried<Period>,
) -> Answer<Response> {
    let Bounds { after, limit } = bounds(asked.after, asked.limit)?;
    waiting(center, move |center| {
        let shop = own(center, &operator, &shop)?;
        let (from, to) = (time(asked.from.as_deref())?, time(asked.to.as_deref())?);
        let mut accounts = Vec::new();
        for (kind, unit) in units(center, shop.id, &asked)? {
            let from = from.unwrap_or(0);
            let asked = StatementAsked { shop: shop.id, kind, unit, from, to, after, limit };
            accounts.push(center.told_statement(&shop, asked)?);
        }
        // The next page of one account is a page; those of several are as many.
        let next = if let [one] = &accounts[..] { one.next } else { None };
        let path = format!("/v1/admin/shops/{}/statement", shop.slug);
        let kind_and_unit = accounts.first().map(|one| (one.kind.clone(), one.unit.clone()));
        let (kind, unit) = kind_and_unit.unwrap_or_default();
        let mut said = vec![("kind", &kind[..]), ("unit", &unit[..])];
        let ends = [("from", &asked.from), ("to", &asked.to)];
        said.extend(ends.into_iter().filter_map(|(name, end)| Some((name, end.as_deref()?))));
        Ok(linked(&path, &said, limit, next, api::Statements { accounts }))
    })
    .await
}

fn time(text: Option<&str>) -> Result<Option<u64>> {
    let wrong = |why| Refusal::malformed(format!("a period ends and begins with a time: {why}"));
    text.map(|text| second(text).map_err(wrong)).transpose()
}

/// The kinds and units that are asked for and that the shop has.
fn units(center: &Center, shop: ShopId, asked: &Period) -> Result<Vec<(Kind, Unit)>> {
    let kind = asked.kind.as_deref().map(money::kind).transpose()?;
    let unit = asked.unit.as_ref().map(|unit| money::unit(&unit.to_ascii_uppercase()));
    center.shop_units_of(shop, (kind, unit.transpose()?), asked.after.unwrap_or(0) > 0)
}
