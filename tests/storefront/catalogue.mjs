// What the shop sells. Prices are in fen. `stock` is there only where there is little of something: such goods sell out,
// everything else never does, so that a test may buy as often as it likes.

export const CATEGORIES = {
  tea: { zh: "茶与厨", en: "Tea & kitchen" },
  home: { zh: "居家", en: "Home" },
  desk: { zh: "书桌", en: "Desk" },
  outdoors: { zh: "出门", en: "Outdoors" },
};

export const PRODUCTS = [
  {
    id: "celadon-teapot",
    category: "tea",
    fen: 26800,
    added: "2026-03-02",
    name: { zh: "青瓷茶壶", en: "Celadon teapot" },
    about: {
      zh: "手工拉坯，釉色温润，出水利落，正好够三个人喝。",
      en: "Thrown by hand, with a soft green glaze and a clean pour. Holds enough for three.",
    },
    made: { zh: "瓷，650 毫升", en: "Porcelain, 650 ml" },
  },
  {
    id: "longjing-tin",
    category: "tea",
    fen: 12800,
    added: "2026-04-06",
    name: { zh: "明前龙井", en: "Early spring Longjing" },
    about: {
      zh: "清明前采的嫩芽，炒香清雅，装在可以反复使用的铁罐里。",
      en: "Young leaves picked before the rains, gently pan-fired, in a tin that you will keep.",
    },
    made: { zh: "绿茶，100 克", en: "Green tea, 100 g" },
  },
  {
    id: "bamboo-steamer",
    category: "tea",
    fen: 8900,
    added: "2026-02-11",
    name: { zh: "双层竹蒸笼", en: "Two-tier bamboo steamer" },
    about: {
      zh: "老竹编成，不上漆；包子、鱼和青菜可以一锅出。",
      en: "Woven from seasoned bamboo and left unvarnished. Buns below, greens above.",
    },
    made: { zh: "竹，直径 24 厘米", en: "Bamboo, 24 cm across" },
  },
  {
    id: "paper-lantern",
    category: "home",
    fen: 15900,
    added: "2026-01-20",
    name: { zh: "纸灯笼", en: "Paper lantern" },
    about: {
      zh: "桑皮纸糊在细竹骨上，光线柔和，折起来只有一指厚。",
      en: "Mulberry paper over fine ribs. A soft light, and a finger thick when folded.",
    },
    made: { zh: "纸与竹，直径 35 厘米", en: "Paper and bamboo, 35 cm across" },
  },
  {
    id: "linen-cushion",
    category: "home",
    fen: 9900,
    added: "2026-05-14",
    name: { zh: "亚麻抱枕", en: "Linen cushion" },
    about: {
      zh: "水洗亚麻，越用越软；枕套可以拆下来机洗。",
      en: "Washed linen that softens with use. The cover comes off and goes in the machine.",
    },
    made: { zh: "亚麻，45 × 45 厘米", en: "Linen, 45 × 45 cm" },
  },
  {
    id: "clay-vase",
    category: "home",
    fen: 13900,
    added: "2026-03-21",
    name: { zh: "粗陶花瓶", en: "Clay vase" },
    about: {
      zh: "柴烧的粗陶，每只的火痕都不一样，插一枝就好看。",
      en: "Wood-fired, so that no two carry the same marks. One branch is all it needs.",
    },
    made: { zh: "陶，高 22 厘米", en: "Stoneware, 22 cm high" },
  },
  {
    id: "thread-notebook",
    category: "desk",
    fen: 3900,
    added: "2026-02-28",
    name: { zh: "线装笔记本", en: "Thread-bound notebook" },
    about: {
      zh: "四眼线装，可以完全摊平；纸张厚实，钢笔不洇。",
      en: "Sewn with four holes so that it lies flat. Heavy paper that ink does not bleed through.",
    },
    made: { zh: "纸，160 页", en: "Paper, 160 pages" },
  },
  {
    id: "fountain-pen",
    category: "desk",
    fen: 19900,
    added: "2026-06-01",
    name: { zh: "黄铜钢笔", en: "Brass fountain pen" },
    about: {
      zh: "整根黄铜车成，手感沉稳，用久了会留下自己的颜色。",
      en: "Turned from one piece of brass. Steady in the hand, and it takes on a colour of its own.",
    },
    made: { zh: "黄铜，细尖", en: "Brass, fine nib" },
  },
  {
    id: "desk-clock",
    category: "desk",
    fen: 16800,
    added: "2026-01-09",
    name: { zh: "静音座钟", en: "Silent desk clock" },
    about: {
      zh: "扫秒机芯没有滴答声，实木外壳，一节电池走一年。",
      en: "A sweeping movement that does not tick, in solid wood. One battery lasts a year.",
    },
    made: { zh: "榉木，直径 12 厘米", en: "Beech, 12 cm across" },
  },
  {
    id: "canvas-backpack",
    category: "outdoors",
    fen: 32900,
    added: "2026-04-18",
    name: { zh: "帆布双肩包", en: "Canvas backpack" },
    about: {
      zh: "打蜡帆布，小雨不湿；夹层能放下十五寸电脑。",
      en: "Waxed canvas that sheds light rain, with a sleeve for a fifteen-inch laptop.",
    },
    made: { zh: "棉帆布，18 升", en: "Cotton canvas, 18 l" },
  },
  {
    id: "oil-umbrella",
    category: "outdoors",
    fen: 22900,
    added: "2026-05-05",
    name: { zh: "油纸伞", en: "Oil-paper umbrella" },
    about: {
      zh: "桐油刷过三遍，挡得住一场真正的雨。",
      en: "Brushed three times with tung oil, and meant for real rain.",
    },
    made: { zh: "竹与纸，直径 84 厘米", en: "Bamboo and paper, 84 cm across" },
  },
  {
    id: "moon-sneaker",
    category: "outdoors",
    fen: 69900,
    added: "2026-06-18",
    stock: 50,
    name: { zh: "月球限量球鞋", en: "Moon sneaker, limited" },
    about: {
      zh: "只做了五十双，卖完不再生产。机器人最想要的就是它。",
      en: "Fifty pairs and no more. This is the one that bots come for.",
    },
    made: { zh: "牛皮与橡胶", en: "Leather and rubber" },
  },
];

const byId = new Map(PRODUCTS.map((product) => [product.id, product]));

export const product = (id) => byId.get(id);

/** Products that hold every word of `query` in either language, or in their category's name. */
export function search(query) {
  const words = query.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return PRODUCTS.filter(({ id, category, name, about }) => {
    const text = [id, name.zh, name.en, about.zh, about.en, ...Object.values(CATEGORIES[category])]
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What a visitor may claim once, and what it takes off an order. */
export const COUPON = { code: "MOON20", off: 2000, from: 10000, pieces: 500 };
