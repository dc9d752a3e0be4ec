-- Notes how far a node has read a partition's log, and returns what the partition has of that node and in all.
--
-- KEYS[1] origins: see write.lua, [2] log, or none when its size is not asked for
-- ARGV    1 node,
--         2 sequence of the partition up to which it has read, '' when it is not reading, '-' when it reads no more,
--         3 with the log: retention ms
-- Reply   {the node's own record or nothing, the partition's sequence or nothing, bytes of the log's frames}
local call = redis.call
if ARGV[2] == '-' then
  call('HDEL', KEYS[1], '@' .. ARGV[1])
elseif ARGV[2] ~= '' then
  local time = call('TIME')
  call('HSET', KEYS[1], '@' .. ARGV[1],
    ARGV[2] .. ':' .. string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
local found = call('HMGET', KEYS[1], ARGV[1], '#seq', '#bytes')
local size = 0
if KEYS[2] then
  -- A log that nothing is added to would keep for longer what is older than the retention.
  local time = call('TIME')
  redis.pcall('XTRIM', KEYS[2], 'MINID', '~',
    string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[3])))
  local some = redis.pcall('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
  local first = some[1] -- nothing where a key of another type stands in its place
  local before = first and tonumber(first[2][4] or '')
  if before then
    size = math.max(0, (tonumber(found[3] or '') or 0) - before) + #first[2][2]
  end
end
return {found[1], found[2], size}
