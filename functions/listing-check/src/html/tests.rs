use super::*;

fn seen(source: &str) -> (String, Vec<String>) {
    let html = read(source);
    let raw = |reading: &Reading| {
        for (c, (from, to)) in reading.text.chars().zip(&reading.places) {
            let slice: String = source.chars().skip(*from as usize).take((*to - *from) as usize).collect();
            assert!(slice.contains(c) || slice.starts_with('&') || c == '\n', "{source}: {c} of {slice}");
        }
        reading.text.clone()
    };
    (raw(&html.seen), html.hidden.iter().map(raw).collect())
}

#[test]
fn tags_and_references_are_read_as_shown() {
    assert_eq!(seen("<p>加<b>微</b>信</p><p>&#24494;&#x4fe1;&amp;&nbsp;x</p>").0, "加微信\n微信&\u{a0}x\n");
    assert_eq!(seen("a &copy b &nosuch; c & d").0, "a © b &nosuch; c & d");
    assert_eq!(seen("没有标签 1 < 2").0, "没有标签 1 < 2");
}

#[test]
fn what_is_not_shown_is_kept_apart() {
    for hidden in [
        "<span style='display:none'>加微信</span>",
        "<span style=\"font-size:0px\">加微信</span>",
        "<div hidden>加微信</div>",
        "<i style='color:#fff;background:#fff'>加微信</i>",
        "<i style='position:absolute;left:-9999px'>加微信</i>",
        "<!--加微信-->",
        "<style>.x{display:none}</style><b class='y x'>加微信</b>",
        "<font style='font-size:1px;line-height:1px'>加微信</font>",
        "<div style='visibility:hidden'><p>加<b>微信</b></p></div>",
        "<style>div.x span{display:none}</style><div class=x><b><span>加微信</span></b></div>",
        "<style>[data-a]{display:none}</style><b data-a=1>加微信</b>",
        "<style>p > b{display:none}</style><p><b>加微信</b></p>",
        "<style>/* } */ @media screen{.x{opacity:0}}</style><b class=x>加微信</b>",
        "<i style='color:rgba(0,0,0,0)'>加微信</i>",
        "<i style='color:#FFF;background:rgb(255,255,255)'>加微信</i>",
        "<div style='background:#000'><i style='color:black'>加微信</i></div>",
        "<font color=white>加微信</font>",
        "<i style='display:block;text-indent:-9999px'>加微信</i>",
        "<i style='position:absolute;clip:rect(0 0 0 0)'>加微信</i>",
        "<i style='clip-path:inset(100%)'>加微信</i>",
        "<i style='margin-left:-9999px'>加微信</i>",
        "<i style='transform:translateX(-9999px)'>加微信</i>",
        "<i style='display:block;width:1px;height:1px;overflow:hidden'>加微信</i>",
        "<!--[if mso]><p class=x>加微信</p><![endif]-->",
        "<!-- <br> --><!加微信>",
    ] {
        let (shown, pieces) = seen(&format!("茶壶{hidden}银色"));
        assert_eq!(pieces, ["加微信"], "{hidden}");
        assert!(!shown.contains('加') && shown.starts_with("茶壶") && shown.ends_with("银色"), "{shown}");
    }
    for shown in [
        "<style>p > b{display:none}</style><p><i><b>加微信</b></i></p>",
        "<style>@media print{.x{display:none}}</style><b class=x>加微信</b>",
        "<div style='background:url(a.png)'><i style='color:#fff'>加微信</i></div>",
        "<div style='color:#fff;background:#fff'><i style='color:#333'>加微信</i></div>",
        "<i style='opacity:0.8;left:10px;position:relative'>加微信</i>",
        "<div style='overflow:hidden;width:100px;line-height:1'>加微信</div>",
        "<!----><!-- --><!--[if mso]>--><!--[if mso]><table><tr><td><![endif]-->加微信",
        "<!--[if !mso]><!-->加微信<!--<![endif]--><![endif]><!-- <div class=banner></div> -->",
    ] {
        let (text, pieces) = seen(shown);
        assert!(text.contains("加微信") && pieces.is_empty(), "{shown}: {pieces:?}");
    }
    // A wrapper without size whose children have one is how columns are set.
    let (shown, pieces) = seen("<div style='font-size:0'><span style='font-size:14px'>手冲壶</span></div>");
    assert_eq!((shown.as_str(), pieces.len()), ("手冲壶\n", 0));
}
#[test]
fn text_is_read_as_it_is_seen() {
    for turned in [
        "<bdo dir=rtl>信微加</bdo>",
        "<span style='direction:rtl;unicode-bidi:bidi-override'>信微<b>加</b></span>",
        "<style>.r{direction:rtl;unicode-bidi:isolate-override}</style><b class=r>信微加</b>",
    ] {
        let html = read(&format!("茶壶{turned}银色"));
        assert_eq!(html.seen.text, "茶壶加微信银色", "{turned}");
        assert_eq!(html.seen.places.len(), 7, "{turned}");
    }
    assert_eq!(read("<p dir=rtl>信微加").seen.text, "信微加");
    let made = read("<style>.a:before{content:\"\\5fae信\"}</style>");
    assert_eq!(made.attributes.iter().map(|reading| reading.text.as_str()).collect::<Vec<_>>(), ["微信"]);
    let columns = read("<table><tr><td>加<td>红</tr><tr><td>微</td><td>白</td></tr><tr><td>信<td>蓝</table>");
    let read_down: Vec<&str> = columns.attributes.iter().map(|reading| reading.text.as_str()).collect();
    assert_eq!(read_down, ["加微信", "红白蓝"]);
}

#[test]
fn annotations_are_read_apart() {
    let ruby = |source: &str| {
        let html = read(source);
        let all: Vec<String> = html.attributes.into_iter().map(|reading| reading.text).collect();
        (html.seen.text, all, html.hidden.len())
    };
    let some = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for source in [
        "<ruby>加<rt>a</rt>微<rt>b</rt>信<rt>c</rt></ruby>茶",
        "<ruby>加<rt>a<rb>微<rt>b<rb>信<rt>c</ruby>茶",
        "<ruby>加<rp>(</rp><rt>a</rt><rp>)</rp>微<rt>b</rt>信<rt>c</rt></ruby>茶",
    ] {
        assert_eq!(ruby(source), ("加微信茶".to_owned(), some(&["加a微b信c", "abc"]), 0), "{source}");
    }
    assert_eq!(ruby("请加<ruby>微<rt>信</rt></ruby>").1, ["请加微信", "信"]);
    assert_eq!(ruby("<ruby>茶</ruby>壶"), ("茶壶".to_owned(), vec![], 0));
    assert_eq!(ruby("<p><ruby>茶<rt>cha</p>壶").0, "茶\n壶");
}

#[test]
fn pictures_in_the_page_are_told() {
    let picture = format!("<img src='data:image/png;base64,{}'>", "A".repeat(500));
    assert_eq!(read(&picture).pictures, [(0, 40)]);
    let styled = format!("<b style='background:url(data:image/png;base64,{})'>x</b>", "A".repeat(500));
    assert_eq!(read(&styled).pictures.len(), 1);
    assert_eq!(read("<img src='data:image/gif;base64,R0lGOD'><img src='a.png'>").pictures, []);
}
