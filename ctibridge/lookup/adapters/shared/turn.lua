-- Writes what belongs to one shard in one step, if it is still the turn of who sends it.
-- KEYS[1]: whose turn it is there. ARGV: the word by which the turn was taken; of each command, how many words it has,
-- then these.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local at = 2
while at <= #ARGV do
  local last = at + ARGV[at]
  redis.call(unpack(ARGV, at + 1, last))
  at = last + 1
end
return 1
