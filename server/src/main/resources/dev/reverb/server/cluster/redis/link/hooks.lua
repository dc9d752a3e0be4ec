-- Hands one node what a partition has for webhooks, in order, and removes what is done.
--
-- KEYS[1] hooks        stream of events: see write.lua
-- KEYS[2] origins: see write.lua
-- ARGV    1 base of all keys, 2 node, 3 for how long it alone may take events, ms ('0': it gives that up), 4 id of the
--         last entry that it has ('-' for none), 5 bytes after which a page ends (0: none are wanted), 6 bytes of those
--         that are done, then their ids
-- Reply   {1, or 0 while another node takes them, ms until something is due or -1, 1 when there is more, how many were
--         dropped in all, {id, event id, scope, name, user, rest of its JSON, …}}
local base, node, lease, after, page = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local call = redis.call
local due, late, holder = base .. ':due', base .. ':late', base .. ':holder'
for _, key in ipairs({KEYS[1], KEYS[2], due, late, holder}) do -- on a Cluster an error, if this slot is on the move
  call('EXISTS', key)
end

local removed = 0
for i = 7, #ARGV, 1000 do
  removed = removed + call('XDEL', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
if removed > 0 then -- those that were removed before count by their share
  call('HINCRBY', KEYS[2], '#hooksGone', math.floor(tonumber(ARGV[6]) * removed / (#ARGV - 6)))
  if call('XLEN', KEYS[1]) == 0 then
    call('HSET', KEYS[2], '#hooksGone', call('HGET', KEYS[2], '#hooks') or '0')
  end
end

local function dropped()
  return tonumber(call('HGET', KEYS[2], '#hooksDropped') or '0')
end
local held = call('GET', holder)
if held and held ~= node then
  return {0, -1, 0, dropped(), {}}
end
if lease == '0' then
  call('DEL', holder)
  return {0, -1, 0, dropped(), {}}
end
call('SET', holder, node, 'PX', lease)

-- What was not undone in time.
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function append(id, scope, name, user, more)
  local bytes = call('HINCRBY', KEYS[2], '#hooks', #scope + #user + #more + 100)
  call('XADD', KEYS[1], '*', 'b', bytes, 'i', id, 's', scope, 'n', name, 'u', user, 'm', more)
end
for _, what in ipairs(call('ZRANGEBYSCORE', due, '-inf', string.format('%.0f', now), 'LIMIT', 0, 500)) do
  local id, kind, scope = call('HGET', late, what) or node .. '-' .. what, string.sub(what, 1, 1), string.sub(what, 2)
  if kind == 'v' then
    append(id, scope, 'channel_vacated', '', '')
  elseif kind == 'n' then
    local app, channel = string.match(scope, '^(.-):(.*)$')
    local total = call('HGET', base .. ':occ:' .. app, channel)
    if total then
      append(id, scope, 'subscription_count', '', '"subscription_count":' .. total)
    end
  else
    local length, from = string.byte(what, 2) * 256 + string.byte(what, 3), 4
    if length == 65535 then
      local a, b, c, d = string.byte(what, 4, 7)
      length, from = ((a * 256 + b) * 256 + c) * 256 + d, 8
    end
    append(id, string.sub(what, from, from + length - 1), 'member_removed', string.sub(what, from + length), '')
  end
  call('ZREM', due, what)
  call('HDEL', late, what)
end
local first = call('ZRANGEBYSCORE', due, '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local wait = first[2] and math.max(0, tonumber(first[2]) - now) or -1
if wait > 60000 then -- the clock was set back, or another server's is in force
  call('ZADD', due, string.format('%.0f', now), first[1])
  wait = 0
end

local entries, bytes, more, from = {}, 0, 0, after == '-' and '-' or '(' .. after
while more == 0 and page > 0 do
  local some = call('XRANGE', KEYS[1], from, '+', 'COUNT', 64)
  for _, entry in ipairs(some) do
    local fields = entry[2]
    local known = {entry[1], fields[4] or '', fields[6] or '', fields[8] or '', fields[10] or '', fields[12] or ''}
    entries[#entries + 1] = known
    bytes = bytes + #known[3] + #known[5] + #known[6] + 100
    from = '(' .. entry[1]
    if bytes > page then
      more = 1
      break
    end
  end
  if #some < 64 then
    break
  end
end
return {1, wait, more, dropped(), entries}
