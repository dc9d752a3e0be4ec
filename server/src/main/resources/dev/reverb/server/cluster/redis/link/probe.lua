-- Runs every command that the other scripts run, on keys of its own, so that a node learns what it may not do, or what
-- Redis does not take for now, before it counts on it.
--
-- KEYS[1] hash, KEYS[2] stream, KEYS[3] sorted set, KEYS[4] string: all in one slot, gone after a minute
-- ARGV    1 topic, 2 PUBLISH or SPUBLISH
-- Reply   {1}
local call = redis.call
call('TIME')
for _, key in ipairs(KEYS) do
  call('EXISTS', key)
end
call('HSET', KEYS[1], 'f', '1')
call('HSETNX', KEYS[1], 'f', '1')
call('HINCRBY', KEYS[1], 'f', 1)
call('HGET', KEYS[1], 'f')
call('HMGET', KEYS[1], 'f')
call('HGETALL', KEYS[1])
call('HKEYS', KEYS[1])
call('HDEL', KEYS[1], 'f')
call('XADD', KEYS[2], 'MAXLEN', 1, '*', 'f', '1')
call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
call('XLEN', KEYS[2])
call('XTRIM', KEYS[2], 'MAXLEN', 1)
call('ZADD', KEYS[3], 1, 'm')
call('ZSCORE', KEYS[3], 'm')
call('ZCARD', KEYS[3])
call('ZCOUNT', KEYS[3], '-inf', '+inf')
call('ZRANGEBYSCORE', KEYS[3], '-inf', '+inf', 'LIMIT', 0, 1)
call('ZREM', KEYS[3], 'm')
call('SET', KEYS[4], '1', 'PX', 60000)
call('INCR', KEYS[4])
call('GET', KEYS[4])
call('PTTL', KEYS[4])
call('DEL', KEYS[1])
for _, key in ipairs(KEYS) do
  call('PEXPIRE', key, 60000)
end
call(ARGV[2], ARGV[1], '')
return {1}
