// An ordinary listing: a title, a description of 800 characters, 20 attributes, 10 SKUs; nothing is wrong with it.
import { createHash, randomBytes } from "node:crypto";

const token = randomBytes(32).toString("base64url");
const key = createHash("sha256").update(token).digest("base64url");

export function variables() {
  return { LISTING_CALLERS: JSON.stringify([{ caller: "bench", kid: "bench", alg: "bearer-sha256", key, scopes: ["listings"] }]) };
}

const sentences = [
  "不锈钢手冲壶，容量六百毫升，壶嘴细长，便于控制水流。",
  "手柄外包硅胶，隔热防烫，握感舒适，单手即可倾倒。",
  "壶身采用食品级材质，内壁抛光，不易挂垢，清洗方便。",
  "适合家用、办公室与露营，明火与电陶炉均可使用。",
  "包装内含壶身、壶盖、说明书与保修卡，全国联保一年。",
  "下单后四十八小时内发货，偏远地区除外，支持七天无理由退货。",
  "颜色因显示器不同略有差异，请以收到的实物为准。",
  "首次使用前请用清水煮沸一次，倒掉后再装饮用水。",
];
let description = "";
for (let at = 0; description.length < 800; at++) description += sentences[at % sentences.length];
const values = ["304 不锈钢", "600 毫升", "银色", "简约", "浙江", "磨砂", "一年", "家用", "细口", "有盖"];
const body = JSON.stringify({
  title: "手冲壶 细口 不锈钢 600毫升 家用咖啡器具",
  description: description.slice(0, 800),
  category: ["家居", "厨具", "咖啡器具"],
  attributes: Array.from({ length: 20 }, (_, at) => ({ name: `属性${at + 1}`, value: values[at % values.length] })),
  skus: Array.from({ length: 10 }, (_, at) => ({ name: `${values[at]} 款`, price_fen: 12900 + at * 100, stock: 50 })),
  brand: "示例",
});

export function request() {
  return { method: "POST", body, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } };
}
