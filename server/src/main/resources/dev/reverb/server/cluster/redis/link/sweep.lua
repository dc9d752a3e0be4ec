-- Notes how far a node has read a partition's log, and returns what the partition has of that node and in all.
--
-- KEYS[1] origins: see write.lua, [2] log, or none when its size is not asked for
-- ARGV    1 node,
--         2 sequence of the partition up to which it has read, '' when it is not reading, '-' when it reads no more,
--         3 with the log: retention ms, 4 base of all keys, 5 bytes that histories may take here, then applications
--         that have much, and what theirs may take here: application, bytes, …
-- Reply   {the node's own record or nothing, the partition's sequence or nothing, bytes of the log's frames,
--         with the log {application, bytes of its histories, …}, and what changed of them: see write.lua}
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
-- Histories that have ended count no longer, and where other partitions took what was left, the oldest go here too.
local histories, grown = {}, ''
if KEYS[2] then
  local base = ARGV[4]
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local function number(value)
    return tonumber(value or '0') or 0
  end
  -- include sums.lua
  local apps = redis.pcall('HKEYS', base .. ':happs')
  for i = 1, #apps do
    if apps[i] ~= '%' then
      expire(apps[i], now)
    end
  end
  for i = 6, #ARGV, 2 do
    shed(ARGV[i], number(ARGV[i + 1]))
  end
  shed('%', number(ARGV[5]))
  apps = #apps > 0 and call('HGETALL', base .. ':happs') or {}
  for f = 1, #apps, 2 do
    if apps[f] ~= '%' then
      histories[#histories + 1] = apps[f]
      histories[#histories + 1] = number(apps[f + 1])
    end
  end
  grown = changed()
end
return {found[1] or false, found[2] or false, size, histories, grown}
