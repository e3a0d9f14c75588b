//! The types of the center's HTTP interface, version 1 (all paths under `/v1`).
//!
//! Binary structures of `apdu-spec.md` travel as lower-case hex ([`HexBytes`]); identifiers
//! are their hex; times are RFC 3339 UTC; money is integer minor units with a unit code.
//! A refusal is `application/problem+json` (RFC 9457): see [`Problem`]. Whatever was not
//! answered is asked for again in the same words: every `POST` and `PUT` here then gives the
//! same answer, and does nothing twice.
//!
//! | method and path | body | answer |
//! |---|---|---|
//! | `GET /v1/center` | | [`Center`] |
//! | `GET /v1/openapi.json` | | the interface, described in OpenAPI 3.1 |
//! | `GET /v1/shops?limit=&cursor=` | | [`Shops`] |
//! | `GET /v1/shops/{shop}` | | [`Shop`] |
//! | `GET /v1/works?shop=&q=&limit=&cursor=` | | [`Works`] |
//! | `GET /v1/works/{work}` | | [`Work`] |
//! | `GET /v1/works/{work}/preview` | | the preview M' itself |
//! | `POST /v1/accounts` | [`Registration`] | [`Account`] |
//! | `POST /v1/accounts/{account}/loads` | [`LoadRequest`] | [`Load`] |
//! | `POST /v1/accounts/{account}/vouchers` | [`VoucherRequest`] | [`Funding`] |
//! | `POST /v1/accounts/{account}/payments` | [`PaymentRequest`] | [`FundingPayment`] |
//! | `GET /v1/payments/{payment}` | | [`FundingPayment`] |
//! | `POST /v1/webhooks/{provider}` | the provider's, signed | [`Received`] |
//! | `PUT /v1/loads/{load}/challenge` | [`SignedBytes`] | [`SignedBytes`]: the credit |
//! | `PUT /v1/loads/{load}/receipt` | [`SignedBytes`] | [`SignedBytes`]: the same receipt |
//! | `POST /v1/orders` | [`OrderRequest`] | [`Order`] |
//! | `GET /v1/orders/{order}` | | [`Order`] |
//! | `POST /v1/orders/{order}/again` | | [`Order`] |
//! | `GET /v1/accounts/{account}/orders?limit=&cursor=` | | [`Orders`] |
//! | `GET /v1/orders/{order}/delivery` | | stream header and segments |
//! | `POST /v1/times` | [`TimeRequest`] | [`SignedBytes`]: the time |
//! | `POST /v1/settlements` | [`Payment`] | [`SignedBytes`]: the receipt |
//! | `POST /v1/events` | [`SignedBytes`] | [`SignedBytes`]: the same event |
//! | `POST /v1/closings` | [`SignedBytes`] | [`SignedBytes`]: the Closing that is kept |
//! | `GET /v1/admin/status` | | [`AdminStatus`] |
//! | `GET /v1/admin/sales?shop=&after=&limit=` | | [`AdminSales`] |
//! | `GET /v1/admin/shops?after=&limit=` | | [`AdminShops`] |
//! | `POST /v1/admin/shops` | [`NewShopRequest`] | [`AdminShop`] |
//! | `GET /v1/admin/shops/{shop}` | | [`AdminShop`] |
//! | `PATCH /v1/admin/shops/{shop}` | [`ShopChangeRequest`] | [`AdminShop`] |
//! | `GET /v1/admin/shops/{shop}/statement?from=&to=&kind=&unit=&after=&limit=` | | [`Statements`] |
//! | `GET /v1/admin/voucher-batches` | | [`VoucherBatches`] |
//! | `POST /v1/admin/voucher-batches` | [`NewVouchers`] | [`VouchersMade`] |
//! | `GET /v1/admin/voucher-batches/{batch}` | | [`VoucherBatch`] |
//! | `POST /v1/admin/voucher-batches/{batch}/sell` | | [`VoucherBatch`] |
//! | `POST /v1/admin/voucher-batches/{batch}/void` | | [`VoucherBatch`] |
//! | `GET /v1/admin/credits` | | [`Credits`] |
//! | `POST /v1/admin/credits` | [`CreditRequest`] | [`Credit`] |
//! | `GET /v1/admin/cards?after=&limit=` | | [`AdminCards`] |
//! | `GET /v1/admin/cards/{card}` | | [`AdminCard`] |
//! | `POST /v1/admin/cards/{card}/freeze` | [`ReasonRequest`] | [`AdminCard`] |
//! | `POST /v1/admin/cards/{card}/thaw` | [`ThawRequest`] | [`AdminCard`] |
//! | `POST /v1/admin/cards/{card}/revoke` | [`ReasonRequest`] | [`AdminCard`] |
//! | `POST /v1/admin/cards/{card}/replace` | [`ReplaceRequest`] | [`Replaced`] |
//! | `GET /v1/admin/evidence` | | [`AdminEvidence`] |
//! | `GET /v1/admin/audit-log?after=&limit=` | | [`AdminLog`] |
//! | `GET /livez` | | [`Health`] |
//! | `GET /readyz` | | [`Health`] |
//! | `GET /metrics` | | Prometheus text |

mod accounts;
mod admin;
mod admin_cards;
mod admin_funding;
mod admin_shops;
mod catalogue;
mod funding;
mod hex_bytes;
mod orders;
mod problem;
mod shops;
mod statements;
mod units;
mod whole;

pub use accounts::{Account, Load, LoadRequest, Registration, SignedBytes, TimeRequest};
pub use admin::{
    AdminAction, AdminEvidence, AdminLog, AdminProof, AdminSale, AdminSales, AdminStatus,
    AdminValue, Check, Health,
};
pub use admin_cards::{
    AdminCard, AdminCards, CardLine, CardNote, CardPurse, LeftBehind, ReasonRequest,
    ReplaceRequest, Replaced, ThawRequest,
};
pub use admin_funding::{
    Credit, CreditRequest, Credits, NewVouchers, VoucherBatch, VoucherBatches, VouchersMade,
};
pub use admin_shops::{AdminShop, AdminShops, NewShopRequest, ShopChangeRequest};
pub use catalogue::{Center, Preview, Price, Work, Works};
pub use funding::{Funding, FundingPayment, PaymentRequest, Received, VoucherRequest};
pub use hex_bytes::HexBytes;
pub use orders::{Order, OrderRequest, OrderState, Orders, Payment};
pub use problem::{PROBLEMS, Problem, ProblemCode};
pub use shops::{Shop, Shops};
pub use statements::{Statement, StatementLine, Statements};
pub use units::decimals;

/// The media type of a delivery: `header ‖ segments` of the stream format (§13).
pub const DELIVERY_MEDIA_TYPE: &str = "application/vnd.saifu.stream";

/// The most entries that one page of a list has.
pub const MAX_PAGE: u32 = 200;
