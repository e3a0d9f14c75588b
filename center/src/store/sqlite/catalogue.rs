//! Works and their versions.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::codec::{List, Wire};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::{ContentId, ShopId};

use super::columns::{code, id, int, maybe_uint, prices, uint};
use super::{Sqlite, failing};
use crate::blobs::{BlobId, BlobRef};
use crate::refusal::{Refusal, Result};
use crate::store::{CatalogueStore, NewVersion, Validity, VersionRow, WorkFilter};

impl CatalogueStore for Sqlite {
    fn add_version(&self, version: NewVersion, now: u64) -> Result<VersionRow> {
        self.writer.write("add work", move |connection| add(connection, version, now))
    }

    fn publish(&self, work: ContentId, version: u32, now: u64) -> Result<VersionRow> {
        self.writer.write("publish", move |connection| publish(connection, work, version, now))
    }

    fn withdraw(&self, work: ContentId, now: u64) -> Result<VersionRow> {
        self.writer.write("withdraw", move |connection| withdraw(connection, work, now))
    }

    fn works(&self, filter: &WorkFilter, after: u64, limit: u32) -> Result<Vec<(u64, VersionRow)>> {
        self.read(|connection| list(connection, filter, after, limit))
    }

    fn version(&self, work: ContentId, version: Option<u32>) -> Result<Option<VersionRow>> {
        self.read(|connection| find(connection, work, version))
    }
}

const ADD: &str = "
    INSERT INTO versions (work, version, shop, title, creator, description, media_type,
        content, content_bytes, preview_media_type, preview, preview_bytes, prices, payment,
        uses, not_before, not_after, needs_time, added)
    VALUES (:work, :version, :shop, :title, :creator, :description, :media_type,
        :content, :content_bytes, :preview_media_type, :preview, :preview_bytes, :prices,
        :payment, :uses, :not_before, :not_after, :needs_time, :added)";

fn add(connection: &Connection, version: NewVersion, now: u64) -> Result<VersionRow> {
    let newest: Option<u32> = connection
        .query_row("SELECT max(version) FROM versions WHERE work = ?1", [version.work.0], |row| {
            row.get(0)
        })
        .map_err(failing("find a work"))?;
    if version.edition != newest.is_some() {
        return Err(Refusal::not_found(format!(
            "there is no work {}: add it without naming a work",
            version.work
        )));
    }
    let number = newest.unwrap_or(0) + 1;
    connection
        .execute(
            ADD,
            named_params! {
                ":work": version.work.0, ":version": number, ":shop": version.shop.0,
                ":title": version.title, ":creator": version.creator,
                ":description": version.description, ":media_type": version.media_type,
                ":content": version.content.sha256.0,
                ":content_bytes": int(version.content.length)?,
                ":preview_media_type": version.preview_media_type,
                ":preview": version.preview.sha256.0,
                ":preview_bytes": int(version.preview.length)?,
                ":prices": List::<_, 8>(version.prices.clone()).to_bytes(),
                ":payment": version.payment as u8, ":uses": version.uses,
                ":not_before": int(version.validity.not_before)?,
                ":not_after": int(version.validity.not_after)?,
                ":needs_time": version.validity.needs_time, ":added": int(now)?,
            },
        )
        .map_err(failing("add a work"))?;
    let row = find(connection, version.work, Some(number))?;
    row.ok_or_else(|| Refusal::internal("a version vanished while it was added"))
}

fn publish(connection: &Connection, work: ContentId, version: u32, now: u64) -> Result<VersionRow> {
    let row = find(connection, work, Some(version))?.ok_or_else(|| {
        Refusal::not_found(format!(
            "there is no version {version} of a work {work}: list the works"
        ))
    })?;
    if is_closed(connection, row.added.shop)? {
        return Err(Refusal::conflict(format!(
            "the shop of work {work} is closed: open it again first, or register the work for \
             another shop"
        )));
    }
    connection
        .execute(
            "UPDATE versions SET published = coalesce(published, :now)
             WHERE work = :work AND version = :version",
            named_params! {":work": work.0, ":version": version, ":now": int(now)?},
        )
        .map_err(failing("publish a work"))?;
    connection
        .execute(
            "INSERT INTO catalogue (work, version, shop, search)
             VALUES (:work, :version, :shop, :search)
             ON CONFLICT (work) DO UPDATE SET version = max(version, excluded.version),
                 search = iif(excluded.version >= version, excluded.search, search),
                 withdrawn = NULL",
            named_params! {
                ":work": work.0, ":version": version, ":shop": row.added.shop.0,
                ":search": searched(&row.added),
            },
        )
        .map_err(failing("publish a work"))?;
    let row = find(connection, work, Some(version))?;
    row.ok_or_else(|| Refusal::internal("a version vanished while it was published"))
}

/// What a search looks into.
fn searched(version: &NewVersion) -> String {
    format!("{}\n{}", version.title, version.creator).to_lowercase()
}

fn is_closed(connection: &Connection, shop: ShopId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM shops WHERE id = ?1 AND closed IS NOT NULL)";
    connection.query_row(sql, [shop.0], |row| row.get(0)).map_err(failing("find a shop"))
}

fn withdraw(connection: &Connection, work: ContentId, now: u64) -> Result<VersionRow> {
    let withdrawn = connection
        .execute(
            "UPDATE catalogue SET withdrawn = coalesce(withdrawn, :now) WHERE work = :work",
            named_params! {":work": work.0, ":now": int(now)?},
        )
        .map_err(failing("withdraw a work"))?;
    let sql = "SELECT version FROM catalogue WHERE work = ?1";
    let shown = connection.query_row(sql, [work.0], |row| row.get(0)).optional();
    let shown: Option<u32> = shown.map_err(failing("withdraw a work"))?;
    let row = shown.map(|version| find(connection, work, Some(version))).transpose()?.flatten();
    row.filter(|_| withdrawn > 0).ok_or_else(|| {
        Refusal::not_found(format!("no work {work} was ever for sale: list the works"))
    })
}

const FOR_SALE: &str = "
    SELECT c.place AS at, v.*, s.name AS shop_name, s.slug AS shop_slug, NULL AS withdrawn FROM catalogue c
    JOIN versions v USING (work, version) JOIN shops s ON s.id = c.shop
    WHERE c.place > :after AND c.withdrawn IS NULL AND s.closed IS NULL
    AND (:text IS NULL OR instr(c.search, :text) > 0)";

const ALL: &str = "
    SELECT v.place AS at, v.*, s.name AS shop_name, s.slug AS shop_slug,
        coalesce(c.withdrawn, s.closed) AS withdrawn FROM versions v
    LEFT JOIN catalogue c ON c.work = v.work JOIN shops s ON s.id = v.shop
    WHERE v.place > :after AND (:text IS NULL OR instr(c.search, :text) > 0)";

fn list(
    connection: &Connection,
    filter: &WorkFilter,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, VersionRow)>> {
    let (rows, table) = if filter.all { (ALL, "v") } else { (FOR_SALE, "c") };
    let of_shop = if filter.shop.is_some() { "=" } else { "IS NOT" };
    let sql = format!("{rows} AND {table}.shop {of_shop} :shop ORDER BY at LIMIT :limit");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("list works"))?;
    let wanted = named_params! {
        ":after": int(after)?, ":limit": limit, ":text": filter.text,
        ":shop": filter.shop.map(|shop| shop.0),
    };
    let rows = statement
        .query_map(wanted, |row| Ok((uint(row, "at")?, of_row(row)?)))
        .map_err(failing("list works"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list works"))
}

fn find(
    connection: &Connection,
    work: ContentId,
    version: Option<u32>,
) -> Result<Option<VersionRow>> {
    let rows = "
        SELECT v.*, s.name AS shop_name, s.slug AS shop_slug,
        coalesce(c.withdrawn, s.closed) AS withdrawn FROM versions v
        LEFT JOIN catalogue c ON c.work = v.work JOIN shops s ON s.id = v.shop
        WHERE v.work = :work";
    let wanted = match version {
        Some(_) => "v.version = :version",
        None => {
            "v.version = c.version AND c.withdrawn IS NULL AND s.closed IS NULL
             AND :version IS NULL"
        }
    };
    let sql = format!("{rows} AND {wanted}");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("find a work"))?;
    let wanted = named_params! {":work": work.0, ":version": version};
    statement.query_row(wanted, of_row).optional().map_err(failing("find a work"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<VersionRow> {
    let blob = |digest, length| {
        Ok::<_, rusqlite::Error>(BlobRef {
            sha256: BlobId(id(row, digest)?),
            length: uint(row, length)?,
        })
    };
    let added = NewVersion {
        work: ContentId(id(row, "work")?),
        edition: true,
        shop: ShopId(id(row, "shop")?),
        title: row.get("title")?,
        creator: row.get("creator")?,
        description: row.get("description")?,
        media_type: row.get("media_type")?,
        content: blob("content", "content_bytes")?,
        preview_media_type: row.get("preview_media_type")?,
        preview: blob("preview", "preview_bytes")?,
        prices: prices(row, "prices")?,
        payment: code(row, "payment", PaymentOrder::from_code)?,
        uses: row.get("uses")?,
        validity: Validity {
            not_before: uint(row, "not_before")?,
            not_after: uint(row, "not_after")?,
            needs_time: row.get("needs_time")?,
        },
    };
    let published = maybe_uint(row, "published")?;
    let withdrawn = maybe_uint(row, "withdrawn")?;
    Ok(VersionRow {
        added,
        version: row.get("version")?,
        published,
        shop_name: row.get("shop_name")?,
        shop_slug: row.get("shop_slug")?,
        withdrawn,
    })
}
