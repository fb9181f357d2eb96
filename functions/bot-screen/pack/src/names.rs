//! The figures and texts that the code of `bot-screen` asks for: the one list of them.

use pack_source::figures::Figure;

/// All figures, in the order in which a person should read what changed.
pub const FIGURES: [Figure; 6] = [
    Figure {
        name: "switch.let_through",
        least: 0,
        most: 1,
        zh: "全部放行开关（1 为放行一切）：由 {was} 改为 {is}",
        en: "The switch that lets everything through (1: it does) was {was}: becomes {is}",
    },
    Figure {
        name: "weight.tag",
        least: 1,
        most: 10_000,
        zh: "权重达到 {was} 即标记：改为 {is}",
        en: "A request is tagged from a weight of {was} on: becomes {is}",
    },
    Figure {
        name: "weight.throttle",
        least: 1,
        most: 10_000,
        zh: "权重达到 {was} 即要求稍后再试：改为 {is}",
        en: "A request is told to come later from a weight of {was} on: becomes {is}",
    },
    Figure {
        name: "weight.block",
        least: 1,
        most: 10_000,
        zh: "权重达到 {was} 即拦截：改为 {is}",
        en: "A request is blocked from a weight of {was} on: becomes {is}",
    },
    Figure {
        name: "throttle.retry_after_seconds",
        least: 1,
        most: 3600,
        zh: "要求稍后再试时等待 {was} 秒：改为 {is} 秒",
        en: "Who is told to come later waits {was} s: becomes {is} s",
    },
    Figure {
        name: "event.allows_per_hundred",
        least: 0,
        most: 100,
        zh: "每一百个放行的请求记录 {was} 个：改为 {is} 个",
        en: "Of a hundred requests that are allowed, {was} are logged: becomes {is}",
    },
];

/// Texts of `messages.toml`, none of which has a placeholder.
pub const TEXTS: [&str; 4] = ["outcome/allow", "outcome/block", "outcome/tag", "outcome/throttle"];
