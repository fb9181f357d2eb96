-- bot-screen asked about each request, for haproxy.cfg beside this. Its bearer key comes from the environment:
-- VENDITOR_KEY=$(cargo venditor keys token --kid ...). Tried with HAProxy 2.6.
local SCREEN = "http://127.0.0.1:8787/v1/forward"
local PATIENCE = 5000 -- milliseconds
local KEY = os.getenv("VENDITOR_KEY") or ""

-- Fields of one hop, of a body that is not sent along, and those that say what was asked.
local NOT_HANDED_ON = {
  ["authorization"] = true, ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
  ["keep-alive"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
}
-- What the origin is told.
local FIELDS = { "outcome", "action", "agent", "weight", "labels", "signer", "policy", "reference" }
-- What a shop's addresses do: while bot-screen does not answer, it is refused, and pages are served unscreened.
local ACTS = {
  "cart", "checkout", "coupon", "login", "signin", "register", "account", "password", "api", "rest", "graphql",
  "order", "buy", "seckill", "wp-", "xmlrpc",
}

local function asked(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not NOT_HANDED_ON[name] and not name:find("^x%-forwarded%-") then
      local list = {}
      for at = 0, #values do list[#list + 1] = values[at] end
      headers[name] = list
    end
  end
  local query = txn.sf:query()
  headers["authorization"] = { "Bearer " .. KEY }
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-uri"] = { txn.sf:path() .. (query ~= "" and "?" .. query or "") }
  headers["x-forwarded-host"] = { txn.sf:req_fhdr("host") }
  headers["x-forwarded-for"] = { txn.sf:src() }
  return headers
end

local function first(answer, name)
  local values = answer.headers and answer.headers[name]
  return values and (values[0] or values[1])
end

local function unanswered(txn)
  local method, path = txn.sf:method(), txn.sf:path():lower()
  local looks = method == "GET" or method == "HEAD"
  for _, name in ipairs(ACTS) do
    if path:find("/" .. name, 1, true) then looks = false end
  end
  if looks then return end
  local reply = txn:reply()
  reply:set_status(503)
  txn:done(reply)
end

core.register_action("venditor", { "http-req" }, function(txn)
  local answer = core.httpclient():get({ url = SCREEN, headers = asked(txn), timeout = PATIENCE })
  local outcome = answer and first(answer, "venditor-outcome")
  if not outcome then return unanswered(txn) end
  if answer.status == 200 then
    for _, name in ipairs(FIELDS) do
      local value = first(answer, "venditor-" .. name)
      if value then txn.http:req_set_header("venditor-" .. name, value) end
    end
    local cookie = first(answer, "set-cookie")
    if cookie then txn:set_var("txn.venditor_cookie", cookie) end
    return
  end
  local reply = txn:reply()
  reply:set_status(answer.status)
  for name, values in pairs(answer.headers) do
    if not NOT_HANDED_ON[name] then
      for _, value in pairs(values) do reply:add_header(name, value) end
    end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end)
