-- Part of write.lua and of sweep.lua, which have `base`, `call` and `number`.
--
-- What histories take, so that the oldest goes where it is too much: ':happs' has the bytes of each application and of
-- all ('%'), ':hbytes' those of each channel, ':hlru:' and the application when the messages of its channels expire.
-- ':hmarks' has when channels were written to that somebody may still have a position of; of the last of these that was
-- given up, '#forgot' of the partition has the milliseconds.
local MOST_MARKS, ENTRY_BYTES, CHANNEL_BYTES = 1024, 150, 1000
local changes, dropped = {}, {}
local function account(app, change)
  changes[app] = (changes[app] or 0) + change
  for _, of in ipairs({app, '%'}) do
    if call('HINCRBY', base .. ':happs', of, string.format('%.0f', change)) <= 0 then
      call('HDEL', base .. ':happs', of)
    end
  end
end
local function measure(app, scope, held)
  local had = number(call('HGET', base .. ':hbytes', scope))
  if held ~= had then
    if held > 0 then
      call('HSET', base .. ':hbytes', scope, string.format('%.0f', held))
    else
      call('HDEL', base .. ':hbytes', scope)
    end
    account(app, held - had)
  end
end
local function drop(app, channel)
  local scope = app .. ':' .. channel
  dropped[app] = (dropped[app] or 0) + call('XLEN', base .. ':hist:' .. scope)
  call('DEL', base .. ':hist:' .. scope)
  call('ZREM', base .. ':hlru:' .. app, channel)
  measure(app, scope, 0)
end
-- Bytes of a stream's messages and of what it takes beside, up to the one with `b` bytes ever; messages go from its
-- beginning until they are at most `most`.
local function trimmed(stream, b, most)
  local left = call('XLEN', stream)
  while left > 0 do
    local first = call('XRANGE', stream, '-', '+', 'COUNT', 1)[1][2]
    local bytes = b - number(first[12]) + #first[8]
    if left == 1 or bytes <= most then
      return bytes + left * ENTRY_BYTES + CHANNEL_BYTES, left
    end
    left = left - 1
    call('XTRIM', stream, 'MAXLEN', left)
  end
  return 0, 0
end
-- Lets the oldest of `app`, or with '%' of the application that has most, go until it takes no more than `most`; of the
-- channel that was just written to the older half at a time.
local function shed(app, most, own, b)
  for _ = 1, 1000 do
    if number(call('HGET', base .. ':happs', app)) <= most then
      return
    end
    local victim = app
    if app == '%' then
      local all, largest = call('HGETALL', base .. ':happs'), -1
      for f = 1, #all, 2 do
        if all[f] ~= '%' and number(all[f + 1]) > largest then
          victim, largest = all[f], number(all[f + 1])
        end
      end
    end
    local oldest = call('ZRANGEBYSCORE', base .. ':hlru:' .. victim, '-inf', '+inf', 'LIMIT', 0, 2)
    local channel = oldest[1] and victim .. ':' .. oldest[1] == own and oldest[2] or oldest[1]
    if not channel then
      -- of what is not there any longer
      if victim == '%' then
        call('HDEL', base .. ':happs', '%')
      else
        account(victim, -number(call('HGET', base .. ':happs', victim)))
      end
    elseif victim .. ':' .. channel ~= own then
      drop(victim, channel)
    else
      local stream = base .. ':hist:' .. own
      local left = call('XLEN', stream)
      if left < 2 then
        drop(victim, channel)
      else
        local keeps = math.floor(left / 2)
        call('XTRIM', stream, 'MAXLEN', keeps)
        dropped[victim] = (dropped[victim] or 0) + left - keeps
        measure(victim, own, (trimmed(stream, b, b)))
      end
    end
  end
end
-- Histories of `app` that have ended count no longer; but that of `own`, which was written to just now.
local function expire(app, now, own)
  for _, ended in ipairs(call('ZRANGEBYSCORE', base .. ':hlru:' .. app, '-inf', string.format('(%.0f', now),
      'LIMIT', 0, 100)) do
    if ended ~= own then
      call('ZREM', base .. ':hlru:' .. app, ended)
      measure(app, app .. ':' .. ended, 0)
    end
  end
end
-- Of each application how much larger its histories are than before and how many messages had to go.
local function changed()
  local parts = {}
  for app, change in pairs(changes) do
    parts[#parts + 1] = string.format('%s %.0f %d', app, change, dropped[app] or 0)
  end
  return table.concat(parts, ' ')
end
