-- Redis knows no history of the directory: of the copies that offer theirs within a moment, the newest is the head.
-- KEYS: head, offers, stream. ARGV: copy, history, seq, stamp, act, version, milliseconds of that moment, a fresh history.
-- Returns the head as HMGET does, or 'WAIT'.
local function head() return redis.call('HMGET', KEYS[1], 'history', 'seq', 'stamp', 'act', 'version') end
if redis.call('HEXISTS', KEYS[1], 'history') == 1 then return head() end
local time = redis.call('TIME')
local now, moment = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[7])
local first = tonumber(redis.call('HGET', KEYS[2], 'first') or now)
redis.call('HSET', KEYS[2], 'first', string.format('%d', first),
  'of:' .. ARGV[1], string.format('%d %s %s %d', ARGV[2] ~= '' and 1 or 0, ARGV[3], ARGV[6], now))
redis.call('PEXPIRE', KEYS[2], math.max(moment * 4, 1000))
if now - first < moment then return 'WAIT' end
-- One that has a history counts before one that has none; then who has more of it. Whoever went meanwhile counts not.
local best, of
local offers = redis.call('HGETALL', KEYS[2])
for n = 1, #offers, 2 do
  if offers[n] ~= 'first' then
    local known, seq, version, at = offers[n + 1]:match('^(%d+) (%d+) (%d+) (%d+)$')
    if now - tonumber(at) <= moment then
      local rank = string.format('%s %015d %015d %s', known, tonumber(seq), tonumber(version), offers[n])
      if not best or rank > best then best, of = rank, offers[n] end
    end
  end
end
if of ~= 'of:' .. ARGV[1] then return 'WAIT' end
redis.call('HSET', KEYS[1], 'history', ARGV[2] ~= '' and ARGV[2] or ARGV[8], 'seq', ARGV[3], 'stamp', ARGV[4],
  'act', ARGV[5], 'version', ARGV[6], 'bytes', '0')
redis.call('DEL', KEYS[2], KEYS[3])
return head()
