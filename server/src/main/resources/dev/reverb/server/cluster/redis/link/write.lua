-- Appends one frame of one node to a partition's log, and applies what it says to the partition's shared state.
--
-- A frame is applied once: its origin numbers its frames 1, 2, 3, … and sends one at a time; what was applied is
-- recorded under the origin's id. The record is written last, so that a script that fails half-way (a slot on the move)
-- can be sent again: every operation may be repeated.
--
-- KEYS[1] log          stream of frames, ids are <milliseconds>-<sequence of the partition>
-- KEYS[2] origins      hash: node -> <its last applied sequence>:<milliseconds>, '!'owner -> when it was reaped,
--                      '@'node -> <sequence of the partition up to which it has read>:<when it said so>,
--                      '#seq' '#ms' '#bytes' of the partition, '#kept' when its log was last trimmed, '#full' while
--                      the log holds more than it may
-- ARGV    1 base of all keys, 2 topic, 3 PUBLISH or SPUBLISH, 4 retention ms, 5 bytes the log may keep,
--         6 node, 7 sequence, 8 the sequence before it ('' when its origin knows none), 9 header of the frame,
--         10 owner of the entries, 11 '1' on a Cluster, 12 lease ms, 13 bytes that histories may take here, then
--         operations:
--         p BYTES                       entries to append as they are
--         k SCOPE TTL MESSAGE           cached event
--         j SCOPE USER DATA             join
--         x SCOPE USER DATA MAX         join, unless the user is none of the channel's users yet and they are MAX
--         l SCOPE USER                  leave
--         c SCOPE N                     subscriptions of this owner
--         n SCOPE N                     the same, and the new total goes into the log
--         a N (c SCOPE N | n SCOPE N | m SCOPE USER DATA)*
--                                       all that this owner has; differences become joins and leaves
--         h SCOPE COUNT AGE BYTES NUMBER EXCLUDE MESSAGE ROOM
--                                       the next message of the frame that its channel keeps; its application's
--                                       histories may take ROOM bytes here
--         r OWNER                       remove all that OWNER has
--         w APP WANTED                  webhooks of APP want what the operations change; WANTED 'n': counts too
--         e SCOPE NAME MORE             an event for webhooks: MORE is the rest of its JSON
-- Parts   the frame that is nearly every frame; whether the log is full; bytes of entries; events for webhooks;
--         members.lua: what an owner has; what is refused before anything is written; the operations in their order;
--         the log; sums.lua and keep.lua: histories; the record. They are one script, put together when it is loaded.
-- Reply   {1, id, 1 when hooks.lua has something to do now or later, and where there is an x the numbers of those
--         that were refused, as '1,3', and where histories changed, of each application how much larger they are and
--         how many messages had to go, as 'app 1200 0 other -500 3'} applied, {0} applied before, {-1, last applied
--         sequence} its predecessor is missing, {-2} the owner was reaped, {-3} the log is full of what a live reader
--         has not read: nothing was written
local base, topic, verb = ARGV[1], ARGV[2], ARGV[3]
local retention, room = tonumber(ARGV[4]), tonumber(ARGV[5])
local node, seq, before = ARGV[6], tonumber(ARGV[7]), ARGV[8]
local header, owner, sharded, lease = ARGV[9], ARGV[10], ARGV[11] == '1', tonumber(ARGV[12])
local FIRST = 14
local call = redis.call

-- Nearly every frame is one run of publications and follows what its origin wrote before. It is applied here, for half
-- the time of the code below. All others, and one frame in sixteen and one a second, go on: there the log is trimmed,
-- its life is renewed, and its bounds are checked.
if #ARGV == FIRST + 1 and ARGV[FIRST] == 'p' and before ~= '' then
  local head = call('HMGET', KEYS[2], '#seq', '#ms', '#bytes', '#kept', node, '#full')
  local last, latest, past, kept = tonumber(head[1] or ''), tonumber(head[2] or ''), tonumber(head[3] or ''),
    tonumber(head[4] or '')
  if last and latest and past and kept and head[5] and not head[6]
      and string.sub(head[5], 1, #before + 1) == before .. ':' then
    local time = call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local frame, position, step = header .. ARGV[FIRST + 1], last + 1, room / 32
    local bytes = past + #frame
    if now >= kept and now - kept < 1000 and position % 16 ~= 0
        and math.floor(bytes / step) == math.floor(past / step) then
      local ms, sum = string.format('%.0f', math.max(now, latest)), string.format('%.0f', bytes)
      local number = string.format('%.0f', position)
      local id = ms .. '-' .. number
      local added = redis.pcall('XADD', KEYS[1], id, 'f', frame, 'b', sum)
      if type(added) ~= 'table' then -- else something that is not from here stands at the end
        call(verb, topic, id .. ' ' .. frame)
        call('HSET', KEYS[2], node, ARGV[7] .. ':' .. string.format('%.0f', now), '#seq', number, '#ms', ms,
          '#bytes', sum)
        return {1, id, 0}
      end
    end
  end
end

local head = call('HMGET', KEYS[2], node, '#seq', '#ms', '#bytes', '!' .. owner, '#full')
local function number(value)
  return tonumber(value or '0') or 0
end
-- include sums.lua
local applied = head[1] and tonumber(string.match(head[1], '^%d+')) or -1
if applied >= seq then
  return {0}
end
if before ~= '' and applied ~= tonumber(before) then
  return {-1, applied}
end

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local out, n = {}, 0
local totals = {} -- of channels with announced counts, in the order of their first change

-- Whether the log holds more than it may, after the older half of it went as far as live readers have read it. A reader
-- that has said nothing for a lease is dead, or counts so; so does one that said something later than now, before this
-- clock was set back: it says it again within a heartbeat.
local function full(bytes, last)
  local first = call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  if not first or bytes - number(first[2][4]) <= room then
    return false
  end
  local keep = math.floor(call('XLEN', KEYS[1]) / 2)
  local all = call('HGETALL', KEYS[2])
  for f = 1, #all, 2 do
    if string.sub(all[f], 1, 1) == '@' then
      local read, at = string.match(all[f + 1], '^(%d+):(%d+)$')
      if read and tonumber(at) > now - lease and tonumber(at) <= now + lease then
        keep = math.max(keep, last - tonumber(read) + 1)
      end
    end
  end
  call('XTRIM', KEYS[1], 'MAXLEN', keep)
  first = call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  return first and bytes - number(first[2][4]) > room
end

local function emit(bytes)
  n = n + 1
  out[n] = bytes
end
local function int(l)
  return string.char(math.floor(l / 16777216) % 256, math.floor(l / 65536) % 256, math.floor(l / 256) % 256, l % 256)
end
local function blob(s)
  return int(#s) .. s
end
-- Two bytes of length; from 65535 on that number, and four.
local function text(s)
  if #s < 65535 then
    return string.char(math.floor(#s / 256), #s % 256) .. s
  end
  return '\255\255' .. blob(s)
end
local function split(scope)
  local colon = string.find(scope, ':', 1, true)
  return string.sub(scope, 1, colon - 1), string.sub(scope, colon + 1)
end
local function entries(of)
  return base .. ':node:' .. of
end

-- On a Cluster with this slot on the move, a key that is not here raises an error: let it, before anything is written.
local touched = {}
local function touch(key)
  if sharded and not touched[key] then
    touched[key] = true
    call('EXISTS', key)
  end
end
local function touchScope(scope)
  if sharded then
    local app = split(scope)
    touch(base .. ':pres:' .. scope)
    touch(base .. ':users:' .. scope)
    touch(base .. ':members:' .. app)
    touch(base .. ':occ:' .. app)
    for _, name in ipairs({':hooks', ':due', ':late'}) do touch(base .. name) end
  end
end

-- Events for webhooks wait in the stream ':hooks' of this partition, written with what caused them. Each has an id that
-- is the same when its frame is applied again, after Redis lost it. What may soon be undone, as when a page is loaded
-- again, waits before that: ':due' has until when, ':late' its id. hooks.lua takes them. Each partition numbers its own
-- frames: without the partition, events of two partitions would have one id, and receivers would leave the second out.
local hooked, hooks = {}, 0
local function hookId()
  hooks = hooks + 1
  return node .. '-' .. string.match(base, '{(%d+)}$') .. '-' .. ARGV[7] .. '-' .. hooks
end
local function hook(scope, name, user, more)
  local before = number(call('HGET', KEYS[2], '#hooks'))
  local after = before + #scope + #user + #more + 100
  call('HSET', KEYS[2], '#hooks', string.format('%.0f', after))
  call('XADD', base .. ':hooks', '*', 'b', string.format('%.0f', after), 'i', hookId(), 's', scope, 'n', name,
    'u', user, 'm', more)
  if math.floor(after / 262144) ~= math.floor(before / 262144) then -- at most 8 MiB wait, and for a day
    local function first()
      local entry = call('XRANGE', base .. ':hooks', '-', '+', 'COUNT', 1)[1]
      return entry and number(entry[2][2]) or after
    end
    if after - math.max(number(call('HGET', KEYS[2], '#hooksGone')), first()) > 8388608 then
      local dropped = call('XTRIM', base .. ':hooks', 'MAXLEN', math.floor(call('XLEN', base .. ':hooks') / 2))
      call('HINCRBY', KEYS[2], '#hooksDropped', dropped)
      call('HSET', KEYS[2], '#hooksGone', string.format('%.0f', first()))
    end
    call('PEXPIRE', base .. ':hooks', 86400000)
  end
end
local function hookLater(what, delay)
  call('ZADD', base .. ':due', 'NX', string.format('%.0f', now + delay), what)
  call('HSETNX', base .. ':late', what, hookId())
end
-- Whether the opposite of what just happened waited: then neither event is sent.
local function undone(what)
  return call('ZREM', base .. ':due', what) == 1 and call('HDEL', base .. ':late', what) == 1
end

-- include members.lua

local size = {p = 2, k = 4, j = 4, x = 5, l = 3, c = 3, n = 3, m = 4, a = 2, r = 2, h = 9, w = 3, e = 4}

local publishes = false
do
  local i = FIRST
  while i <= #ARGV do
    publishes = publishes or ARGV[i] == 'p'
    i = i + size[ARGV[i]]
  end
end
if head[6] and publishes then
  if full(number(head[4]), number(head[2])) then
    return {-3}
  end
  call('HDEL', KEYS[2], '#full')
end

-- A reaped owner may add nothing: nobody would remove it again.
if head[5] then
  local i = FIRST
  while i <= #ARGV do
    local op = ARGV[i]
    if op == 'j' or op == 'x' or op == 'c' or op == 'n' or op == 'a' then
      return {-2}
    end
    i = i + size[op]
  end
end

if sharded then
  touch(entries(owner))
  local i = FIRST
  while i <= #ARGV do
    local op = ARGV[i]
    if op == 'k' then
      touch(base .. ':cache:' .. ARGV[i + 1])
    elseif op == 'h' then
      touch(base .. ':hist:' .. ARGV[i + 1])
      touch(base .. ':hpos:' .. ARGV[i + 1])
      touch(base .. ':hlru:' .. split(ARGV[i + 1]))
      for _, name in ipairs({':happs', ':hbytes', ':hmarks'}) do touch(base .. name) end
    elseif op == 'r' then
      touch(entries(ARGV[i + 1]))
    elseif op ~= 'p' and op ~= 'a' and op ~= 'w' then
      touchScope(ARGV[i + 1])
    end
    i = i + size[op]
  end
end

local asked, refused = 0, {}
local i = FIRST
while i <= #ARGV do
  local op = ARGV[i]
  if op == 'p' then
    emit(ARGV[i + 1])
  elseif op == 'w' then
    hooked[ARGV[i + 1]] = ARGV[i + 2] == 'n' and '.0' or ''
  elseif op == 'e' then
    hook(ARGV[i + 1], ARGV[i + 2], '', ARGV[i + 3])
  elseif op == 'k' then
    call('SET', base .. ':cache:' .. ARGV[i + 1], ARGV[i + 3], 'PX', ARGV[i + 2])
  elseif op == 'j' then
    join(owner, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  elseif op == 'x' then
    local app, channel = split(ARGV[i + 1])
    asked = asked + 1
    if call('HGET', base .. ':users:' .. ARGV[i + 1], ARGV[i + 2])
      or number(call('HGET', base .. ':members:' .. app, channel)) < tonumber(ARGV[i + 4]) then
      join(owner, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
    else
      refused[#refused + 1] = asked
    end
  elseif op == 'l' then
    leave(owner, ARGV[i + 1], ARGV[i + 2])
  elseif op == 'c' or op == 'n' then
    count(owner, ARGV[i + 1], tonumber(ARGV[i + 2]), op == 'n')
  elseif op == 'a' then
    local wanted, at = {}, i + 2
    for _ = 1, tonumber(ARGV[i + 1]) do
      if ARGV[at] ~= 'm' then
        wanted['c' .. ARGV[at + 1]] = true
      else
        wanted['m' .. text(ARGV[at + 1]) .. ARGV[at + 2]] = true
      end
      at = at + size[ARGV[at]]
    end
    removeExcept(owner, wanted)
    at = i + 2
    for _ = 1, tonumber(ARGV[i + 1]) do
      if ARGV[at] ~= 'm' then
        count(owner, ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at] == 'n')
      elseif call('HGET', base .. ':pres:' .. ARGV[at + 1], owner .. ':' .. ARGV[at + 2]) ~= ARGV[at + 3] then
        join(owner, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
      elseif hooked[split(ARGV[at + 1])] then
        call('HSET', entries(owner), 'm' .. text(ARGV[at + 1]) .. ARGV[at + 2], '+')
      end
      at = at + size[ARGV[at]]
    end
    i = at - size[op]
  elseif op == 'r' then
    removeExcept(ARGV[i + 1], {})
    -- Nodes and reaped owners that have written nothing for an hour are forgotten, in two steps with an hour between:
    -- when this clock is set forward, those that live write again before the second.
    local all = call('HGETALL', KEYS[2])
    for f = 1, #all, 2 do
      local at, old = string.match(all[f + 1], '(%d+)(%??)$')
      if string.sub(all[f], 1, 1) ~= '#' and at and tonumber(at) < now - 3600000 then
        if old == '?' or string.sub(all[f], 1, 1) == '@' then
          call('HDEL', KEYS[2], all[f])
        else
          call('HSET', KEYS[2], all[f], (string.gsub(all[f + 1], "%d+$", string.format("%.0f", now))) .. "?")
        end
      end
    end
    call('HSET', KEYS[2], '!' .. ARGV[i + 1], string.format('%.0f', now))
  end
  i = i + size[op]
end

for _, scope in ipairs(totals) do
  emit('\6' .. text(scope) .. int(totals[scope]))
end

local record = ARGV[7] .. ':' .. string.format('%.0f', now)
if n == 0 then
  call('HSET', KEYS[2], node, record)
  return {1, '', hooks > 0 and 1 or 0, asked > 0 and table.concat(refused, ',') or nil}
end

local frame = header .. table.concat(out)
local last, ms = number(head[2]), math.max(now, number(head[3]))
if not head[2] then
  local tail = call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if tail then
    local tailMs, tailSeq = string.match(tail[1], '(%d+)-(%d+)')
    last, ms = tonumber(tailSeq), math.max(ms, tonumber(tailMs))
  end
end
local position = last + 1
local bytes = number(head[4]) + #frame
local id = string.format('%.0f-%.0f', ms, position)
local oldest = string.format('%.0f', ms - retention)
local function add()
  return redis.pcall('XADD', KEYS[1], 'MINID', '~', oldest, id, 'f', frame, 'b', string.format('%.0f', bytes))
end
local added = add()
if type(added) == 'table' and added.err then
  -- Something that is not from here stands at the end with a later id.
  local tail = call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local tailMs = tail and tonumber(string.match(tail[1], '^(%d+)'))
  if not tailMs or tailMs < ms then
    return redis.error_reply(added.err)
  end
  ms = tailMs + 1
  id = string.format('%.0f-%.0f', ms, position)
  added = add()
  if type(added) == 'table' and added.err then
    return redis.error_reply(added.err)
  end
end

-- include keep.lua
local step = room / 32
if math.floor(bytes / step) ~= math.floor((bytes - #frame) / step) and full(bytes, position) then
  call('HSET', KEYS[2], '#full', '1')
end
call('PEXPIRE', KEYS[1], retention * 3)
call(verb, topic, id .. ' ' .. frame)
call('HSET', KEYS[2], node, record, '#seq', string.format('%.0f', position), '#ms', string.format('%.0f', ms),
  '#bytes', string.format('%.0f', bytes), '#kept', string.format('%.0f', now))
local grown = changed()
if grown ~= '' then
  return {1, id, hooks > 0 and 1 or 0, table.concat(refused, ','), grown}
end
return {1, id, hooks > 0 and 1 or 0, asked > 0 and table.concat(refused, ',') or nil}
