-- Writes what belongs to one shard in one step, if it is still the turn of who sends it.
-- KEYS[1]: whose turn it is there. ARGV: the word by which the turn was taken, the commands (MessagePack).
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for _, command in ipairs(cmsgpack.unpack(ARGV[2])) do
  redis.call(unpack(command))
end
return 1
