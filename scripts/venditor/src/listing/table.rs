//! Listings as CSV: a header names the columns.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::out;

/// What `venditor listing check --help` ends with.
pub const COLUMNS: &str = "\
Columns of CSV, by any of these names; a title must be there, others are passed over and named:
  title               标题, 商品标题, 商品名称, 名称
  description         描述, 详情, 商品描述, 商品详情
  description_format  描述格式: plain or html
  id                  编号, 商品编号, 商品ID
  category            类目, 分类, 类别, 商品类目: parts between / or >
  brand               品牌
  seller              卖家, 店铺, 商家: the seller's id
  sku                 规格, SKU: names between |
  ocr_text            图片文字: what the pictures say";

/// A column that is read, and what else it may be called.
const NAMES: [(&str, &[&str]); 9] = [
    ("title", &["标题", "商品标题", "商品名称", "名称"]),
    ("description", &["描述", "详情", "商品描述", "商品详情"]),
    ("description_format", &["描述格式"]),
    ("id", &["编号", "商品编号", "商品id"]),
    ("category", &["类目", "分类", "类别", "商品类目"]),
    ("brand", &["品牌"]),
    ("seller", &["卖家", "店铺", "商家"]),
    ("sku", &["skus", "规格"]),
    ("ocr_text", &["图片文字"]),
];

/// The listings of a table, as the JSON that the function would be sent.
pub fn read(input: Box<dyn Read>, path: &Path) -> Result<impl Iterator<Item = Result<Vec<u8>>>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = reader.headers().with_context(|| format!("{}:1", path.display()))?;
    let known = |name: &str| {
        let name = name.trim_start_matches('\u{feff}').trim().to_lowercase();
        NAMES.iter().find(|(known, others)| *known == name || others.contains(&name.as_str())).map(|(known, _)| *known)
    };
    let columns: Vec<Option<&'static str>> = header.iter().map(known).collect();
    if !columns.contains(&Some("title")) {
        let there = header.iter().collect::<Vec<_>>().join(", ");
        bail!("{}:1: no column `title` (or 标题); the header has: {there}", path.display());
    }
    if let Some(twice) = NAMES.iter().find(|(name, _)| columns.iter().flatten().filter(|one| *one == name).count() > 1)
    {
        bail!("{}:1: two columns are `{}`", path.display(), twice.0);
    }
    let others: Vec<&str> =
        header.iter().zip(&columns).filter(|(_, known)| known.is_none()).map(|(name, _)| name).collect();
    if !others.is_empty() {
        out::note(format!("columns that are passed over: {}", others.join(", ")));
    }
    let path = path.to_owned();
    Ok(reader.into_records().map(move |row| {
        let row = row.with_context(|| path.display().to_string())?;
        let mut listing = Map::new();
        for (name, cell) in columns.iter().zip(row.iter()) {
            let Some(name) = name.filter(|_| !cell.trim().is_empty()) else { continue };
            let parts = |by: &[char]| cell.split(by).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let (name, value) = match name {
                "category" => (name, json!(parts(&['/', '>']))),
                "seller" => (name, json!({ "id": cell.trim() })),
                "sku" => {
                    let skus = parts(&['|']).into_iter().map(|name| json!({ "name": name, "price_fen": 0 }));
                    ("skus", skus.collect())
                }
                "ocr_text" => {
                    let sha256 = "0".repeat(64);
                    ("images", json!([{ "sha256": sha256, "ocr_text": cell, "qr_payloads": [] }]))
                }
                _ => (name, Value::from(cell)),
            };
            listing.insert(name.to_owned(), value);
        }
        Ok(serde_json::to_vec(&listing)?)
    }))
}
