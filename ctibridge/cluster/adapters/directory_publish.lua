-- One change of the directory, numbered and put at the end of the history.
-- KEYS: head, stream, lease. ARGV: history, origin, token ('' where no lease is needed), act before, stamp, version,
-- body ('' where it lies in pieces), key of the pieces, bytes, milliseconds it is kept, bytes that are kept, erases.
-- Returns {number, stamp before}, or a word.
local head = redis.call('HMGET', KEYS[1], 'history', 'seq', 'stamp', 'act', 'bytes')
if head[1] ~= ARGV[1] then return 'LOST' end
local under_lease = ARGV[3] ~= ''
if under_lease then
  if (redis.call('GET', KEYS[3]) or ''):match('^%S+') ~= ARGV[3] then return 'FENCED' end
  if head[4] ~= ARGV[4] then return 'BEHIND' end
end
local seq, keep = tonumber(head[2]) + 1, tonumber(ARGV[10])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = tonumber(head[5] or '0') + tonumber(ARGV[9])
local id = string.format('%d-0', seq)
-- What is too old or too much goes; whom an erasure names stands in what came before it.
while true do
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if not first then held = tonumber(ARGV[9]) break end
  local field = {}
  for n = 1, #first[2], 2 do field[first[2][n]] = first[2][n + 1] end
  local old = now - tonumber(field.t) > keep or held > tonumber(ARGV[11]) or ARGV[12] == '1'
  if not old then break end
  redis.call('XDEL', KEYS[2], first[1])
  if field.p ~= '' then redis.call('UNLINK', field.p) end
  held = held - tonumber(field.z)
end
if redis.call('EXISTS', KEYS[2]) == 1 and redis.call('XLEN', KEYS[2]) == 0 then redis.call('DEL', KEYS[2]) end
redis.call('XADD', KEYS[2], id, 'h', ARGV[1], 'o', ARGV[2], 'a', under_lease and '1' or '0', 's', ARGV[5], 'w', head[3],
  'b', ARGV[7], 'p', ARGV[8], 'z', ARGV[9], 't', string.format('%d', now))
redis.call('PEXPIRE', KEYS[2], keep)
if ARGV[8] ~= '' then redis.call('PEXPIRE', ARGV[8], keep) end
redis.call('HSET', KEYS[1], 'seq', string.format('%d', seq), 'stamp', ARGV[5], 'bytes', string.format('%d', held))
if under_lease then redis.call('HSET', KEYS[1], 'act', string.format('%d', seq), 'version', ARGV[6]) end
return {seq, head[3]}
