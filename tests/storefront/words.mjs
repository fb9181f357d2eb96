// Everything that a person reads, in both languages. A test sees to it that neither lacks a word.

const one = (count, single, many) => `${count} ${count === 1 ? single : many}`;

export const WORDS = {
  zh: {
    tag: "zh-CN", other: "en", other_name: "English", other_tag: "en",
    shop: "月山小铺", motto: "好用、好看、用得久的东西", skip: "跳到正文", all: "全部商品", all_short: "全部", categories: "商品分类", account: "账户与购物车",
    search: "搜索", search_label: "搜索商品", search_hint: "例如：茶、雨伞", cart: "购物车", pieces: () => "件", login: "登录", you: (name) => `你好，${name}`,
    sample: "这是一间示例商店：什么也不卖，也不会收款。", feed: "订阅新品", sitemap: "站点地图", security: "安全联系方式", footer: "关于本站",
    hero: "慢慢用的好物", coupon_offer: (off, from) => `满 ${from} 减 ${off}`, coupon_about: "每位顾客一张，数量有限。", claim: "领取优惠券", claimed: "优惠券已领取，结算时自动使用。",
    coupon_gone: "优惠券已经领完了。", coupon_wrong: "没有这张优惠券。", coupon: "优惠券", back: "返回商店",
    add: "加入购物车", buy: "立即购买", quantity: "数量", details: "商品详情", made: "材质与规格", number: "商品编号", category: "分类", stock: "库存",
    left: (n) => (n > 0 ? `仅剩 ${n} 件` : "已售罄"), limited: "限量", sold_out: "已售罄", plenty: "有货", where: "当前位置", also: "同类商品",
    found: (n, q) => `“${q}”：找到 ${n} 件商品`, nothing_found: "换一个词试试，或者看看全部商品。", search_empty: "想找什么？",
    empty: "购物车还是空的", update: "更新", remove: (name) => `移除${name}`, remove_short: "移除", quantity_of: (name) => `${name}的数量`, subtotal: "小计", discount: "优惠", total: "合计", checkout: "去结算",
    checkout_title: "结算", name: "收货人", address: "收货地址", order: "提交订单", your_order: "订单内容", pay_note: "示例订单，不会扣款。", keep: "继续逛逛", nothing_to_pay: "没有可结算的商品。",
    ordered: "下单成功", order_number: "订单号", ordered_note: "谢谢！这是一笔示例订单，不会发货，也不会收款。", deliver_to: "送至",
    returned: "银行验证已完成", returned_note: "我们收到了银行送回的结果。现在可以关闭此页，或返回商店。", reference: "验证编号",
    account_name: "账户名", password: "密码", login_note: "示例账户：任意账户名，密码为", signed_in: "已登录", signed_in_as: (name) => `当前账户：${name}`, sign_out: "退出登录", login_wrong: "账户名或密码不正确。",
    added: (name, n) => `已将“${name}”加入购物车，共 ${n} 件。`, required: "必填",
    error_title: "出了点问题", bad_request: "看不懂这个请求。", not_found: "找不到这个页面。", method_not_allowed: "这里不接受这种请求方法。", too_large: "请求内容太大。", unsupported_type: "不支持这种内容类型。",
    unknown_sku: "没有这件商品。", bad_quantity: "数量须为 1 到 9。", missing_name: "请填写收货人。", missing_address: "请填写收货地址。", missing_account: "缺少账户名。", out_of_stock: "这件商品已售罄，或库存不足。", internal: "服务器出错了。",
    upgrade_required: "此地址只接受 WebSocket 连接。", description: "本站是用于试用的示例商店。", feed_about: "月山小铺的商品",
  },
  en: {
    tag: "en", other: "zh", other_name: "中文", other_tag: "zh-CN",
    shop: "Moonhill Goods", motto: "Useful things that last", skip: "Skip to content", all: "All goods", all_short: "All", categories: "Categories", account: "Account and cart",
    search: "Search", search_label: "Search goods", search_hint: "tea, umbrella …", cart: "Cart", pieces: (n) => (n === 1 ? "item" : "items"), login: "Sign in", you: (name) => `Hello, ${name}`,
    sample: "This is a sample shop: nothing is sold here and no money is taken.", feed: "New goods by RSS", sitemap: "Sitemap", security: "Security contact", footer: "About this site",
    hero: "Good things, used slowly", coupon_offer: (off, from) => `${off} off from ${from}`, coupon_about: "One for each customer, while they last.", claim: "Claim the coupon", claimed: "The coupon is yours. It is used when you check out.",
    coupon_gone: "All coupons have been claimed.", coupon_wrong: "There is no such coupon.", coupon: "Coupon", back: "Back to the shop",
    add: "Add to cart", buy: "Buy now", quantity: "Quantity", details: "Details", made: "Made of", number: "Item number", category: "Category", stock: "Availability",
    left: (n) => (n > 0 ? `Only ${n} left` : "Sold out"), limited: "Limited", sold_out: "Sold out", plenty: "In stock", where: "You are here", also: "More like this",
    found: (n, q) => `${one(n, "result", "results")} for “${q}”`, nothing_found: "Try another word, or look at all goods.", search_empty: "What are you looking for?",
    empty: "Your cart is empty", update: "Update", remove: (name) => `Remove ${name}`, remove_short: "Remove", quantity_of: (name) => `Quantity of ${name}`, subtotal: "Subtotal", discount: "Discount", total: "Total", checkout: "Check out",
    checkout_title: "Checkout", name: "Name", address: "Address", order: "Place the order", your_order: "Your order", pay_note: "A sample order: nothing is charged.", keep: "Keep looking", nothing_to_pay: "There is nothing to check out.",
    ordered: "Thank you for your order", order_number: "Order number", ordered_note: "This is a sample order: nothing is sent and nothing is charged.", deliver_to: "Deliver to",
    returned: "Your bank has confirmed", returned_note: "We have what your bank sent back. You may close this page, or go back to the shop.", reference: "Reference",
    account_name: "Account", password: "Password", login_note: "Sample account: any name, and the password", signed_in: "Signed in", signed_in_as: (name) => `You are signed in as ${name}.`, sign_out: "Sign out", login_wrong: "Account or password is wrong.",
    added: (name, n) => `${name} is in your cart, which now holds ${one(n, "item", "items")}.`, required: "required",
    error_title: "Something went wrong", bad_request: "This request could not be understood.", not_found: "There is no such page.", method_not_allowed: "This method is not taken here.", too_large: "This request is too large.", unsupported_type: "This content type is not taken here.",
    unknown_sku: "There is no such item.", bad_quantity: "The quantity must be 1 to 9.", missing_name: "Please fill in a name.", missing_address: "Please fill in an address.", missing_account: "The account is missing.", out_of_stock: "This item is sold out, or fewer are left than you want.", internal: "The server failed.",
    upgrade_required: "This address takes WebSocket connections only.", description: "A sample shop to try things with.", feed_about: "What Moonhill Goods has",
  },
};

export const yuan = (fen) => `¥${(fen / 100).toFixed(fen % 100 === 0 ? 0 : 2)}`;

/** `?lang=` first, then what was chosen before, then Accept-Language; Chinese for whoever says nothing. */
export function chooseLanguage(asked, kept, accepted) {
  for (const lang of [asked, kept]) if (Object.hasOwn(WORDS, lang ?? "")) return lang;
  if (!accepted) return "zh";
  const wanted = accepted.split(",").map((part) => {
    const [tag, ...parameters] = part.trim().toLowerCase().split(";");
    const q = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find(Boolean);
    return { lang: tag === "*" ? "zh" : tag.split("-")[0], q: q === undefined ? 1 : Number(q) };
  });
  const known = wanted.filter(({ lang, q }) => Object.hasOwn(WORDS, lang) && q > 0);
  return known.sort((a, b) => b.q - a.q)[0]?.lang ?? "en"; // the sort is stable: the first of equals
}
