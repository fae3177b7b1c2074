-- Keeps what desks were told of their calls, of those desks alone whose lot this incarnation of this node has: what a
-- node wrote before it lost them may come late, held up on its way. So may what it wrote before another row of its own:
-- a row whose number is not higher than that of the last one changes nothing.
--
-- KEYS: lots, the number of this node's last row, then the calls of each desk.
-- ARGV: node, incarnation, number, seconds for which calls are kept; then for each desk its lot, whether what lies there
-- goes first (0 or 1), how many words follow, and these: fields and values.
-- Returns the places of the desks that another one has, counted from 1; an error where Redis refused something, all else
-- is done.
local node, incarnation, number, lifetime = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local who, last = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%d+)$')
if who == incarnation and number <= tonumber(last) then
  return {}
end

local function mine(lot)
  local found = redis.call('HGET', KEYS[1], lot)
  local record = found and cjson.decode(found)
  return record and record[1] == node and record[2] == incarnation
end

local fault
local function try(...)
  local reply = redis.pcall(...)
  fault = fault or (type(reply) == 'table' and reply.err and reply) or nil
end

local foreign, own, at = {}, false, 5
for place = 1, #KEYS - 2 do
  local key, lot, empties, words = KEYS[place + 2], ARGV[at], ARGV[at + 1] == '1', tonumber(ARGV[at + 2])
  if mine(lot) then
    own = true
    if empties then
      try('DEL', key)
    end
    if words > 0 then
      try('HSET', key, unpack(ARGV, at + 3, at + 2 + words))
      try('EXPIRE', key, lifetime)
    end
  else
    foreign[#foreign + 1] = place
  end
  at = at + 3 + words
end
if own then
  try('SET', KEYS[2], incarnation .. ' ' .. number, 'EX', lifetime)
end
return fault or foreign
