-- Keeps what desks were told of their calls, of those desks alone whose lot this incarnation of this node has, under
-- the token that it knows: what a node wrote before it lost them may come late, held up on its way. So may what it wrote
-- before another row of its own: a row whose number is not higher than that of the last one changes nothing.
--
-- KEYS: lots, the number of this node's last row, then the calls of each desk.
-- ARGV: node, incarnation, number, seconds for which calls are kept; then for each desk its lot, the lot's token,
-- whether what lies there goes first (0 or 1), how many words follow, and these: fields and values.
-- Returns {places of the desks that are not ours, counted from 1; what Redis refused first, if it did}. All else is done.
local node, incarnation, number, lifetime = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local who, last = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%d+)$')
if who == incarnation and number <= tonumber(last) then
  return {{}}
end

local records = {}
local function mine(lot, token)
  local record = records[lot]
  if record == nil then
    local found = redis.call('HGET', KEYS[1], lot)
    record = found and cjson.decode(found) or {}
    records[lot] = record
  end
  return record[1] == node and record[2] == incarnation and record[3] == token
end

local fault
local function try(...)
  local reply = redis.pcall(...)
  fault = fault or (type(reply) == 'table' and reply.err and reply) or nil
end

local foreign, own, at = {}, false, 5
for place = 1, #KEYS - 2 do
  local key, empties, words = KEYS[place + 2], ARGV[at + 2] == '1', tonumber(ARGV[at + 3])
  if mine(ARGV[at], tonumber(ARGV[at + 1])) then
    own = true
    if empties then
      try('DEL', key)
    end
    if words > 0 then
      try('HSET', key, unpack(ARGV, at + 4, at + 3 + words))
      try('EXPIRE', key, lifetime)
    end
  else
    foreign[#foreign + 1] = place
  end
  at = at + 4 + words
end
if own then
  try('SET', KEYS[2], incarnation .. ' ' .. number, 'EX', lifetime)
end
return {foreign, fault}
