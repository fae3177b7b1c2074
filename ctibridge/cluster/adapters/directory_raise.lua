-- Redis has lost its last changes, as a server does that comes back from its disk; a copy has them.
-- KEYS: head, stream. ARGV: history, seq and stamp of the head as it was seen, then seq, stamp, act, version of the copy.
local head = redis.call('HMGET', KEYS[1], 'history', 'seq', 'stamp')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] or head[3] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'seq', ARGV[4], 'stamp', ARGV[5], 'act', ARGV[6], 'version', ARGV[7], 'bytes', '0')
redis.call('DEL', KEYS[2])  -- what is missing in it: whoever needs it takes a whole copy
return 1
