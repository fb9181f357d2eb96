//! Orders as people save them: what spreadsheets do to a CSV is read, or named as what it is. `tests/csv` holds nine such
//! files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use support::Desk;

const MINT: &str = "mint --csv order.csv --host t.example.cn --out out --images none";
const HEADER: &str = "primary,quantity,batch,label_text,records\n";
const LINE: &str = "01/06901234567892,3,B-1,a,\n";

fn desk(bytes: &[u8]) -> Desk {
    let desk = Desk::with_keys();
    fs::write(desk.path("order.csv"), bytes).unwrap();
    desk
}

fn saved(name: &str) -> Desk {
    desk(&fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/csv").join(name)).unwrap())
}

/// Mints, and returns what was said beside the answer.
fn minted(desk: &Desk, pieces: usize, more: &str) -> String {
    let output = desk.run(&format!("{MINT} {more}"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(desk.text("out/codes.csv").lines().count(), pieces + 1);
    said
}

fn refused(desk: &Desk) -> String {
    let said = desk.fails(1, MINT);
    assert!(!desk.path("out").exists(), "nothing is begun: {said}");
    said
}

#[test]
fn encodings_are_read_and_told() {
    assert!(minted(&saved("utf16.csv"), 3, "").contains("UTF-16LE"));
    let said = minted(&saved("gbk.csv"), 3, "");
    assert!(said.contains("GBK") && said.contains("明前龙井") && said.contains("CSV UTF-8"), "{said}");
    let text = format!("{HEADER}01/06901234567892,3,B-1,春茶,\n");
    let utf_16 = |text: &str, of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
    assert!(minted(&desk(&utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)), 3, "").contains("UTF-16BE"));
    assert!(minted(&desk(&utf_16(&text, u16::to_le_bytes)), 3, "").contains("UTF-16LE"), "without a mark");
    assert_eq!(minted(&desk(format!("\u{feff}{text}").as_bytes()), 3, "").matches("read as").count(), 0);
    for (bytes, said) in [
        (b"\xef\xbb\xbfprimary,quantity\n\xff\n".as_slice(), "order.csv:2: is neither UTF-8"),
        (b"primary,quantity\na\xff\xff\n", "order.csv:2: is neither UTF-8 nor GBK"),
        (b"\xff\xfep\0r\0", "not one of"),
        (b"\xff\xfep\0r\0i", "is none throughout"),
        (b"PK\x03\x04workbook", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0workbook", "old Excel workbook"),
        (b"<html><table>", "web page"),
        ("primary,quantity\n01/0690,\u{fffd}\n".as_bytes(), "order.csv:2: holds U+FFFD"),
        (b"", "is empty"),
        (b",,,\n\n", "is empty"),
    ] {
        let found = refused(&desk(bytes));
        assert!(found.contains(said), "{said}: {found}");
    }
}

#[test]
fn delimiters_line_ends_and_headers_are_recognised() {
    assert!(minted(&saved("semicolon.csv"), 3, "").contains("`;`"));
    assert!(minted(&desk(format!("{HEADER}{LINE}").replace(',', "\t").as_bytes()), 3, "").contains("tabs"));
    assert!(minted(&desk(format!("sep=|\n{HEADER}{LINE}").replace(',', "|").as_bytes()), 3, "").contains("`|`"));
    minted(&desk(format!("{HEADER}{LINE}").replace('\n', "\r\n").as_bytes()), 3, "");
    minted(&desk(format!("{HEADER}{LINE}").replace('\n', "\r").as_bytes()), 3, "");
    minted(&saved("chinese_header.csv"), 3, "");
    let header = "Primary Key,QTY,批号,Label-Text,检验记录\n";
    minted(&desk(format!("\n,,\n{header}{}", LINE.replace(",\n", ",逐件\n")).as_bytes()), 3, "");
    assert!(refused(&desk(format!("{HEADER}{LINE}").replace(',', "，").as_bytes())).contains("full-width"));
    // Columns and rows that were emptied, not deleted.
    minted(&saved("onlycommas.csv"), 3, "");
    minted(
        &desk(
            format!("primary,quantity,batch,,\n{LINE}", LINE = "01/06901234567892,3,B-1,,\n,\u{3000},,,,\n").as_bytes(),
        ),
        3,
        "",
    );
    assert!(
        refused(&desk(format!("{HEADER}01/06901234567892,3,B-1,a,,b\n").as_bytes())).contains("order.csv:2: column 6")
    );
    assert!(refused(&desk(format!("quantity,batch,pieces,x,y\n{LINE}").as_bytes())).contains("column 3 `pieces`"));
}

#[test]
fn what_excel_did_to_values_is_named() {
    let said = refused(&saved("zeros.csv"));
    assert!(said.contains("order.csv:2: column 1 `primary`") && said.contains("leading zeros are lost"), "{said}");
    assert!(said.contains("01/06901234567892 is meant?"), "{said}");
    let said = refused(&saved("sci.csv"));
    assert!(said.contains("6.90123E+12") && said.contains("scientific notation"), "{said}");
    let cell = |primary: &str, quantity: &str, batch: &str| {
        refused(&desk(format!("{HEADER}{primary},{quantity},{batch},,\n").as_bytes()))
    };
    let key = "01/06901234567892";
    assert!(cell("6901234567892", "1", "B").contains("begins with what it is; 01/06901234567892"));
    assert!(cell("1/6901234567892", "1", "B").contains("leading zeros are lost"));
    assert!(cell("9.5E+12", "1", "B").contains("scientific"));
    assert!(cell("\"9,5E+12\"", "1", "B").contains("scientific"));
    assert!(cell(key, "1E+05", "B").contains("scientific"));
    assert!(cell(key, "1", "2E+09").contains("scientific"));
    assert!(cell("#N/A", "1", "B").contains("formula that failed"));
    assert!(cell(key, "####", "B").contains("column too narrow"));
    assert!(cell(key, "1", "10-Mar").contains("a date that Excel has made"));
    assert!(cell(key, "1", "2026/8/15").contains("a date that Excel has made"));
    assert!(cell(key, "1", "8月15日").contains("a date that Excel has made"));
    assert!(cell(key, "\"1,000\"", "B").contains("not a whole number"));
    // A wrong check digit is no lost zero.
    assert!(!cell("01/6901234567893", "1", "B").contains("zeros"));
    // What people write to keep a number a text; full-width digits.
    minted(
        &desk(format!("{HEADER}\"=\"\"01/06901234567892\"\"\",３,B-1,,\n'01/06901234567892,2,B-1,,\n").as_bytes()),
        5,
        "",
    );
}

#[test]
fn quotes_are_told_by_their_line() {
    let said = refused(&saved("badquote.csv"));
    assert!(said.contains("order.csv:2: a quote is opened and never closed"), "{said}");
    let behind = format!("{HEADER}{LINE}01/06901234567892,3,B-1,\"a\"b,\n");
    assert!(refused(&desk(behind.as_bytes())).contains("order.csv:3: text behind a closing quote"));
    minted(&desk(format!("{HEADER}01/06901234567892,3,B-1,\"a \"\"b\"\", c\",\n").as_bytes()), 3, "");
}

#[test]
fn doubled_rows_are_asked_about() {
    let said = refused(&saved("dup.csv"));
    assert!(said.contains("line 3 says what line 2 says") && said.contains("--doubled"), "{said}");
    let once = saved("dup.csv");
    minted(&once, 3, "--doubled once");
    assert!(once.fails(1, &format!("{MINT} --doubled keep")).contains("another job"));
    minted(&saved("dup.csv"), 6, "--doubled keep");
    // Nor is a row that differs in one cell a double.
    minted(&desk(format!("{HEADER}{LINE}{}", LINE.replace(",a,", ",b,")).as_bytes()), 6, "");
}

#[test]
fn no_images_are_not_read_back() {
    let desk = desk(format!("{HEADER}{LINE}").as_bytes());
    let said = desk.ok(MINT);
    assert!(said.contains("no images were asked for") && !said.contains("read back"), "{said}");
    assert!(desk.ok(&MINT.replace("none", "svg")).contains("3 images written, 0 kept, all read back"));
}
