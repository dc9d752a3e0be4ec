-- Notes how far a node has read a partition's log, and tells what the partition has of that node and in all.
--
-- KEYS[1] origins: see write.lua
-- ARGV    1 node, 2 sequence of the partition up to which it has read, '' when it is not reading, '-' when it reads no more
-- Reply   {the node's own record or nothing, the partition's sequence or nothing}
local call = redis.call
if ARGV[2] == '-' then
  call('HDEL', KEYS[1], '@' .. ARGV[1])
elseif ARGV[2] ~= '' then
  local time = call('TIME')
  call('HSET', KEYS[1], '@' .. ARGV[1],
    ARGV[2] .. ':' .. string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
return call('HMGET', KEYS[1], ARGV[1], '#seq')
