-- Who may change the directory now. KEYS: lease. ARGV: take | renew | release, the chance word of who asks, milliseconds,
-- and who that is, for people. Returns 1, 0 where it is not ours any more, or who holds it.
local held = redis.call('GET', KEYS[1])
if ARGV[1] == 'take' then
  if held then return held:match('^%S+ (.*)$') end
  redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[4], 'PX', ARGV[3])
  return 1
end
if not held or held:match('^%S+') ~= ARGV[2] then return 0 end
if ARGV[1] == 'renew' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('DEL', KEYS[1]) end
return 1
