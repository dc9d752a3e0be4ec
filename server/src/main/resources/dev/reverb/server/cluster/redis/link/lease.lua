-- Prolongs one owner's lease and takes over the duty to remove the entries of owners whose leases ended.
--
-- KEYS[1] leases       sorted set: owner -> when its lease ends, ms
-- KEYS[2] expired      sorted set: owner whose lease ended -> when its removal began or began again, ms
-- KEYS[3] connections  hash: owner that takes connections -> how many it has, and a + if it moves some
-- KEYS[4] joined       string: how many nodes ever joined
-- KEYS[5] clock        string: the last time that this script saw, ms
-- KEYS[6] logs         hash: partition -> <bytes of its log>:<when a node said so, ms>
-- KEYS[7] histories    hash: partition -> <when a node said so, ms>[ <application> <bytes of its histories> …]
-- ARGV    1 owner, 2 lease ms, 3 '1' when the caller may judge others,
--         4 'beat', 'first' (a new node registers), 'again' (one whose lease had ended does), 'leave' or 'reaped',
--         5 the owner reaped, or with 'leave' ms until its entries are removed,
--         6 connections to the owner, empty while it takes none,
--         7 '1' while the owner moves connections elsewhere,
--         8 what time the caller expects it to be here, ms, empty when it does not know,
--         9 how long a log outlives its last frame, ms,
--         10 <partition>:<bytes of its log> for each log that the caller has looked at, with spaces between,
--         11 the same of histories: lines of <partition>[ <application> <bytes>]…,
--         then, with 'again', all owners that it knows to have had leases
-- Reply   {1 alive or 0 lease lost, live owners, {owners to remove, …}, now ms, nodes that ever joined,
--         nodes that take connections, connections to all of these, to the one that has fewest, how many of these move
--         some, {live owner, …}, bytes of all logs, {application, bytes of all its histories, …}}
local owner, lease, judges, what = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4]
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value)
  return string.format('%.0f', value)
end

-- This clock was set, or another server with another clock took over: leases move with it. A step back is seen by the
-- time that is noted here; a step forward only by a caller, and only when nobody else was here meanwhile.
local last, expected = tonumber(call('GET', KEYS[5]) or ''), tonumber(ARGV[8])
local due = expected and math.max(expected, last or 0)
local shift = 0
if last and now < last then
  shift = now - last
elseif due and now > due + lease then
  shift = now - due
end
if shift ~= 0 then
  for _, key in ipairs({KEYS[1], KEYS[2]}) do
    local scores = call('ZRANGEBYSCORE', key, '-inf', '+inf', 'WITHSCORES')
    for i = 1, #scores, 2 do
      call('ZADD', key, ms(tonumber(scores[i + 1]) + shift), scores[i])
    end
  end
end
call('SET', KEYS[5], ms(now))

if what == 'leave' then
  if call('ZREM', KEYS[1], owner) == 1 then
    local linger = tonumber(ARGV[5]) or lease -- removed by itself: once more, to be sure
    call('ZADD', KEYS[2], ms(now - lease + linger), owner)
  end
  call('HDEL', KEYS[3], owner)
  return {1, call('ZCARD', KEYS[1]), {}, now}
end
if what == 'reaped' then
  call('ZREM', KEYS[2], ARGV[5])
end

local alive = 1
if what == 'first' or what == 'again' or call('ZSCORE', KEYS[1], owner) then
  if call('ZADD', KEYS[1], ms(now + lease), owner) == 1 and what == 'first' then
    call('INCR', KEYS[4])
  end
  if ARGV[6] == '' then
    call('HDEL', KEYS[3], owner)
  else
    call('HSET', KEYS[3], owner, ARGV[6] .. (ARGV[7] == '1' and '+' or ''))
  end
else
  alive = 0
end
-- The leases may have been lost, and those of the dead with them: somebody has to remove what these left behind. A node
-- that is here again under another name sees to its own.
if what == 'again' then
  local function id(name)
    return string.match(name, '^[^.]*')
  end
  local here = {}
  for _, name in ipairs(call('ZRANGEBYSCORE', KEYS[1], '-inf', '+inf')) do
    here[id(name)] = name ~= owner
  end
  for i = 12, #ARGV do
    if ARGV[i] ~= owner and not here[id(ARGV[i])] and not call('ZSCORE', KEYS[2], ARGV[i]) then
      call('ZADD', KEYS[2], ms(now), ARGV[i])
    end
  end
end

local remove = {}
if judges then
  for _, ended in ipairs(call('ZRANGEBYSCORE', KEYS[1], '-inf', ms(now), 'LIMIT', 0, 16)) do
    call('ZREM', KEYS[1], ended)
    call('ZADD', KEYS[2], ms(now), ended)
    remove[#remove + 1] = ended
  end
  for _, left in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', ms(now - lease), 'LIMIT', 0, 16)) do
    call('ZADD', KEYS[2], ms(now), left)
    remove[#remove + 1] = left
  end
end

local live, lives = {}, call('ZRANGEBYSCORE', KEYS[1], ms(now), '+inf')
for _, name in ipairs(lives) do
  live[name] = true
end
local nodes, connections, fewest, moving = 0, 0, 0, 0
local counts = call('HGETALL', KEYS[3])
for i = 1, #counts, 2 do
  local has = tonumber(string.match(counts[i + 1], '^%d+') or '0')
  if not live[counts[i]] then -- gone, or about to write it again
    call('HDEL', KEYS[3], counts[i])
  else
    fewest = nodes == 0 and has or math.min(fewest, has)
    nodes = nodes + 1
    connections = connections + has
    moving = moving + (string.sub(counts[i + 1], -1) == '+' and 1 or 0)
  end
end
local bytes, logs = 0, call('HGETALL', KEYS[6])
local sizes, from = {}, now - tonumber(ARGV[9])
for i = 1, #logs, 2 do
  local size, at = string.match(logs[i + 1], '^(%d+):(%d+)$')
  if size and tonumber(at) > from then
    sizes[logs[i]] = tonumber(size)
  else -- nobody has looked for so long that it is gone
    call('HDEL', KEYS[6], logs[i])
  end
end
for partition, size in string.gmatch(ARGV[10], '(%d+):(%d+)') do
  if size == '0' then
    if sizes[partition] then
      call('HDEL', KEYS[6], partition)
    end
  else
    call('HSET', KEYS[6], partition, size .. ':' .. ms(now))
  end
  sizes[partition] = tonumber(size)
end
for _, size in pairs(sizes) do
  bytes = bytes + size
end
-- Histories last for a day at most, so what nobody has looked at for longer is gone.
local apps, said = {}, call('HGETALL', KEYS[7])
local function add(list)
  for app, size in string.gmatch(list, ' (%S+) (%d+)') do
    apps[app] = (apps[app] or 0) + tonumber(size)
  end
end
local new = {}
for line in string.gmatch(ARGV[11], '[^\n]+') do
  local partition, list = string.match(line, '^(%d+)(.*)$')
  new[partition] = true
  add(list)
  if list == '' then
    call('HDEL', KEYS[7], partition)
  else
    call('HSET', KEYS[7], partition, ms(now) .. list)
  end
end
for i = 1, #said, 2 do
  local at, list = string.match(said[i + 1], '^(%d+)(.*)$')
  if not at or tonumber(at) < now - 86400000 then
    if not new[said[i]] then
      call('HDEL', KEYS[7], said[i])
    end
  elseif not new[said[i]] then
    add(list)
  end
end
local histories = {}
for app, size in pairs(apps) do
  histories[#histories + 1] = app
  histories[#histories + 1] = size
end
local joined = tonumber(call('GET', KEYS[4]) or 0)
return {alive, #lives, remove, now, joined, nodes, connections, fewest, moving, lives, bytes,
  histories}
