//! From an order to printed codes, through crashes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{Desk, tree};

const ORDER: &str = "primary,quantity,batch,label_text\n\
    01/09506000134352,40,TEA-1,Spring tea\n\
    8004/950600013437,6,JADE-1,\n\
    253/9506000134376,4,CERT-1,Certificate\n";

/// Finds and decodes the code in a PNG file, as a reader would: nothing of the tool's own code takes part.
fn decode(path: &Path) -> String {
    let mut reader = png::Decoder::new(Cursor::new(fs::read(path).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (side, line) = (info.width as usize, info.line_size);
    let dark = |x: usize, y: usize| pixels[y * line + x / 8] & (0x80 >> (x % 8)) == 0;
    let mut picture = rqrr::PreparedImage::prepare_from_bitmap(side, side, dark);
    let found = picture.detect_grids();
    assert_eq!(found.len(), 1, "{}", path.display());
    found[0].decode().unwrap().1
}

#[test]
fn every_code_decodes_and_belongs_to_its_line() {
    let desk = Desk::with_keys();
    desk.write("order.csv", ORDER);
    let mint = "mint --csv order.csv --host t.example.cn --out out --pdf --json";
    let summary = desk.json(mint);
    assert_eq!((summary["codes"].as_u64(), summary["symbol"].as_u64()), (Some(50), Some(29)));
    assert_eq!((summary["images_written"].as_u64(), summary["images_kept"].as_u64()), (Some(100), Some(0)));

    let mut lines = csv::Reader::from_path(desk.path("out/codes.csv")).unwrap();
    let mut serials = std::collections::BTreeSet::new();
    for line in lines.records().map(Result::unwrap) {
        assert_eq!(decode(&desk.path("out").join(&line[8])), line[1]);
        assert!(desk.text(&format!("out/{}", &line[7])).contains(&line[1]));
        assert!(line[1].len() <= 62 && line[1].starts_with("HTTPS://T.EXAMPLE.CN/"));
        assert!(serials.insert(line[3].to_owned()));
    }
    assert_eq!(serials.len(), 50);
    let pdf = desk.read("out/labels.pdf");
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF\n") && pdf.len() < 50 * 2000);

    // The same command again keeps everything.
    let before = tree(&desk.path("out"));
    let summary = desk.json(mint);
    assert_eq!((summary["images_written"].as_u64(), summary["images_kept"].as_u64()), (Some(0), Some(100)));
    assert_eq!(tree(&desk.path("out")), before);

    // Another job does not slip into the same directory, nor a second manifest under the same batch.
    desk.write("other.csv", "primary,quantity,batch\n01/09506000134352,1,TEA-2\n");
    assert!(desk.fails(1, "mint --csv other.csv --host t.example.cn --out out").contains("another job"));
    assert!(desk.fails(1, "mint --csv order.csv --host t.example.cn --out again").contains("minted before"));
    // Blocks are whole: the next job begins at the next multiple of 4096.
    desk.ok("mint --csv other.csv --host t.example.cn --out two --images none");
    assert!(desk.text("two/codes.csv").contains(",8192,TEA-2,"));
    assert!(!desk.path("two/png").exists());
}

#[test]
fn a_killed_run_continues_and_ends_with_the_same_files() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch,label_text\n01/09506000134352,700,TEA-1,Spring tea\n");
    // The same keys and ledger for a run that nobody interrupts.
    copy(&desk.path(".venditor/keys"), &desk.path("twin"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let mint = format!("mint --csv order.csv --host t.example.cn --pdf --minted-at {now}");
    desk.ok(&format!("{mint} --out straight --keys twin"));

    let mut child = desk.command(&format!("{mint} --out out")).spawn().unwrap();
    let begun = Instant::now();
    let count = |name: &str| fs::read_dir(desk.path(name)).map_or(0, Iterator::count);
    while count("out/png") < 60 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left = count("out/png");
    assert!((60..700).contains(&left), "killed at {left}");
    assert!(!desk.path("out/codes.csv").exists());

    // A torn file, as a power cut leaves it.
    let torn = desk.path("out/png/0000003.png");
    let whole = fs::read(&torn).unwrap();
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let modified = |name: &str| fs::metadata(desk.path(name)).unwrap().modified().unwrap();
    let untouched = modified("out/png/0000001.png");

    let summary = desk.json(&format!("{mint} --out out --json"));
    assert!(summary["images_kept"].as_u64().unwrap() >= 60);
    assert_eq!(modified("out/png/0000001.png"), untouched);
    let but_journal =
        |dir: &str| tree(&desk.path(dir)).into_iter().filter(|(name, _)| name != "mint.json").collect::<Vec<_>>();
    assert!(but_journal("out") == but_journal("straight"), "the resumed run's files differ");
    let ledger: serde_json::Value = serde_json::from_str(&desk.text(".venditor/keys/counters.json")).unwrap();
    assert_eq!((ledger["next"]["1/7"].as_u64(), ledger["taken"].as_array().unwrap().len()), (Some(4096), 1));
}

#[test]
fn complaints_come_before_any_counter_is_taken() {
    let desk = Desk::with_keys();
    desk.write("bad.csv", "primary,quantity,batch\n01/09506000134352,1,A\n01/09506000134353,1,B\n");
    let said = desk.fails(1, "mint --csv bad.csv --host t.example.cn --out out");
    assert!(said.contains("bad.csv:3: column 1 `primary`"), "{said}");
    desk.write("order.csv", ORDER);
    assert!(desk.fails(1, "mint --csv order.csv --host a/b --out out").contains("--host a/b"));
    assert!(desk.fails(1, "mint --csv order.csv --host a.cn --out out --mac-kid 9").contains("MAC key 9"));
    desk.ok("keys revoke manifest-1 --reason ceased");
    assert!(desk.fails(1, "mint --csv order.csv --host a.cn --out out").contains("no usable manifest key"));
    assert!(!desk.path("out").exists());
    assert!(desk.text(".venditor/keys/counters.json").contains("\"taken\": []"));
}

#[test]
fn long_hosts_are_warned_of_and_still_decode() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch,label_text\n01/09506000134352,3,A,\n");
    let output = desk.run("mint --csv order.csv --host verify.marketplace.example.com --out out --images png");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.matches("warning").count() == 1 && said.contains("33×33"), "{said}");
    assert!(decode(&desk.path("out/png/0000003.png")).starts_with("HTTPS://VERIFY.MARKETPLACE.EXAMPLE.COM/01/"));
}

#[test]
fn a_text_that_courier_lacks_asks_for_a_font() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch,label_text\n01/09506000134352,1,A,龙井\n");
    let said = desk.fails(1, "mint --csv order.csv --host t.example.cn --out out --pdf");
    assert!(said.contains("CSV line 2") && said.contains("--font"), "{said}");
    desk.write(
        "order.csv",
        &format!("primary,quantity,batch,label_text\n01/09506000134352,1,A,{}\n", "wide ".repeat(20)),
    );
    let said = desk.fails(1, "mint --csv order.csv --host t.example.cn --out out --pdf");
    assert!(said.contains("CSV line 2") && said.contains("pt"), "{said}");
    for hidden in ['\u{3164}', '\u{200d}', '\u{2800}', '\u{202e}'] {
        desk.write("order.csv", &format!("primary,quantity,batch,label_text\n01/09506000134352,1,A,Tea{hidden}A\n"));
        let said = desk.fails(1, "mint --csv order.csv --host t.example.cn --out out --pdf");
        assert!(said.contains("order.csv:2") && said.contains(&format!("U+{:04X}", u32::from(hidden))), "{said}");
    }
    // The order was at fault, and no counter is gone.
    assert!(desk.text(".venditor/keys/counters.json").contains("\"taken\": []"));
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in tree(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
