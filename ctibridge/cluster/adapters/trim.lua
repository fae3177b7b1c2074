-- Takes out of each stream what is older than ARGV[1] milliseconds by Redis's own clock, and keeps the stream itself for
-- as long as the next arguments say, one for each: its last id is what a reader goes on from. 0: whoever writes it sees
-- to that. A stream that is not there is left so.
local now = redis.call('TIME')
local first = string.format('%d-0', now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1])
for at, key in ipairs(KEYS) do
  redis.call('XTRIM', key, 'MINID', first)
  if ARGV[1 + at] ~= '0' then
    redis.call('PEXPIRE', key, ARGV[1 + at])
  end
end
return redis.status_reply('OK')
