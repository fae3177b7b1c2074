-- How all stands, for who only looks: no lease, and nothing is written. The same as `Registry.look`.
--
-- KEYS: registry, leases, lots.
-- Returns as `ask.lua` does; known is 0, and birth is empty where nobody has asked yet.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local born = redis.call('HGET', KEYS[1], 'birth')
local quiet = 0
if born then
  quiet = math.min(tonumber(redis.call('HGET', KEYS[1], 'quiet')), now + tonumber(redis.call('HGET', KEYS[1], 'lease')))
end

-- Of a lease: {incarnation, count, until, lease, info}.
local nodes = {}
local found = redis.call('HGETALL', KEYS[2])
for at = 1, #found, 2 do
  local one = cjson.decode(found[at + 1])
  if now < one[3] then
    nodes[#nodes + 1] = found[at]
    nodes[#nodes + 1] = one[1]
    nodes[#nodes + 1] = one[5]
  end
end
return {born or '', now < quiet and 1 or 0, 0, nodes, redis.call('HGETALL', KEYS[3])}
