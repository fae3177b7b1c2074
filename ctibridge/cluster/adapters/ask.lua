-- What a node asks of the registry: the lease of its sign of life, its changes of lots, and how all stands after it.
-- The same as `Registry` (cluster/registry.py), step for step; tests/cluster/adapters/test_registry.py holds both to
-- the same cases. Redis runs it as one step. Time is Redis's own; a lease is never longer than it was given, even where
-- that clock was set back.
--
-- KEYS: registry, leases, lots.
-- ARGV: node, incarnation, replaces, count, lease in milliseconds, info, leaves (0 or 1), birth; then for each change
-- op, lot, token.
-- Returns {birth, quiet, known, {name, incarnation, info, ...}, {lot, record, ...}}, or {why} where it is refused.

local node, incarnation, replaces = ARGV[1], ARGV[2], ARGV[3]
local count, lease, info = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local leaves, birth = ARGV[7] == '1', ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Of a lease: {incarnation, count, until, lease, info}.
local leases = {}
local function lives(name, which)
  return leases[name] ~= nil and leases[name][1] == which
end
local function keep_lease(name, one)
  leases[name] = one
  redis.call('HSET', KEYS[2], name, cjson.encode(one))
end

local found = redis.call('HGETALL', KEYS[2])
for at = 1, #found, 2 do
  local one = cjson.decode(found[at + 1])
  if now >= one[3] then
    redis.call('HDEL', KEYS[2], found[at])
  elseif one[3] > now + one[4] then
    one[3] = now + one[4]
    keep_lease(found[at], one)
  else
    leases[found[at]] = one
  end
end

local mine = leases[node]
local known = mine ~= nil and mine[1] == incarnation
if mine ~= nil and mine[1] ~= incarnation and mine[1] ~= replaces then
  return {'taken'}
end
if known and count <= mine[2] then
  return {'overtaken'}
end

local quiet = 0
local born = redis.call('HGET', KEYS[1], 'birth')
if born then
  quiet = math.min(tonumber(redis.call('HGET', KEYS[1], 'quiet')), now + tonumber(redis.call('HGET', KEYS[1], 'lease')))
else
  born, quiet = birth, now + lease
end
redis.call('HSET', KEYS[1], 'birth', born, 'quiet', quiet)
redis.call('HSETNX', KEYS[1], 'lease', lease)
keep_lease(node, {incarnation, count, now + lease, lease, info})

-- Of a record: its node, incarnation, token, desks, next, next incarnation, ready; more, of a newer version, is kept.
local NODE, INCARNATION, TOKEN, DESKS, NEXT, NEXT_INCARNATION, READY = 1, 2, 3, 4, 5, 6, 7

local function nobody_next(lot)
  lot[NEXT], lot[NEXT_INCARNATION], lot[READY] = '', '', false
end

local function claimed(lot, token, desks)
  if lot[NEXT] == node then
    nobody_next(lot)
  end
  lot[NODE], lot[INCARNATION], lot[TOKEN], lot[DESKS] = node, incarnation, token, desks
  return lot
end

-- Each returns the record as it is then, or nil where it is not as the change expects it.
local change = {}

function change.claim(lot, token, is)
  if is.owned or now < quiet then return nil end
  local own = lot[NODE] == node and lot[DESKS] == 'own'
  return claimed(lot, math.max(lot[TOKEN], token) + 1, own and 'own' or 'fresh')
end

function change.reclaim(lot, token, is)
  if is.owned or token < lot[TOKEN] + (lot[NODE] ~= node and 1 or 0) then return nil end
  return claimed(lot, token, 'fresh')
end

function change.want(lot, _, is)
  if not is.owned or is.mine or is.awaited then return nil end
  lot[NEXT], lot[NEXT_INCARNATION], lot[READY] = node, incarnation, false
  return lot
end

function change.unwant(lot, _, is)
  if not is.next then return nil end
  nobody_next(lot)
  return lot
end

function change.ready(lot, _, is)
  if not is.next then return nil end
  lot[READY] = true
  return lot
end

function change.give(lot, token, is)
  if not (is.mine and lot[TOKEN] == token and is.awaited and lot[READY]) then return nil end
  lot[NODE], lot[INCARNATION], lot[TOKEN], lot[DESKS] = lot[NEXT], lot[NEXT_INCARNATION], token + 1, 'handed'
  nobody_next(lot)
  return lot
end

function change.settle(lot, token, is)
  if not (is.mine and lot[TOKEN] == token) then return nil end
  lot[DESKS] = 'own'
  return lot
end

function change.release(lot, token, is)
  if not (is.mine and lot[TOKEN] == token) then return nil end
  lot[INCARNATION], lot[TOKEN] = '', token + 1
  return lot
end

for at = 9, #ARGV, 3 do
  local kept = redis.call('HGET', KEYS[3], ARGV[at + 1])
  local lot = kept and cjson.decode(kept) or {'', '', 0, 'fresh', '', '', false}
  local changed = change[ARGV[at]](lot, tonumber(ARGV[at + 2]), {
    owned = lives(lot[NODE], lot[INCARNATION]),
    mine = lot[NODE] == node and lot[INCARNATION] == incarnation,
    next = lot[NEXT] == node and lot[NEXT_INCARNATION] == incarnation,
    awaited = lives(lot[NEXT], lot[NEXT_INCARNATION]),
  })
  if changed then
    redis.call('HSET', KEYS[3], ARGV[at + 1], cjson.encode(changed))
  end
end

if leaves then
  leases[node] = nil
  redis.call('HDEL', KEYS[2], node)
end

local nodes = {}
for name, one in pairs(leases) do
  nodes[#nodes + 1] = name
  nodes[#nodes + 1] = one[1]
  nodes[#nodes + 1] = one[5]
end
return {born, now < quiet and 1 or 0, known and 1 or 0, nodes, redis.call('HGETALL', KEYS[3])}
