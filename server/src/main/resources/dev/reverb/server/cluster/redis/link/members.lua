-- Part of write.lua: what an owner has in a channel, its members and its subscriptions, changed once however often a
-- frame is applied; each change is emitted for the log, and hooked where webhooks want it.
local function join(of, scope, user, data)
  if call('HSET', base .. ':pres:' .. scope, of .. ':' .. user, data) == 1 then
    local app, channel = split(scope)
    call('HSET', entries(of), 'm' .. text(scope) .. user, hooked[app] and '+' or '')
    if call('HINCRBY', base .. ':users:' .. scope, user, 1) == 1 then
      call('HINCRBY', base .. ':members:' .. app, channel, 1)
      if hooked[app] and not undone('m' .. text(scope) .. user) then
        hook(scope, 'member_added', user, '')
      end
    end
  end
  emit('\2' .. string.char(#of) .. of .. text(scope) .. text(user) .. blob(data))
end

local function leave(of, scope, user)
  if call('HDEL', base .. ':pres:' .. scope, of .. ':' .. user) == 1 then
    local app, channel = split(scope)
    local field = 'm' .. text(scope) .. user
    local wanted = hooked[app] or call('HGET', entries(of), field) == '+'
    call('HDEL', entries(of), field)
    if call('HINCRBY', base .. ':users:' .. scope, user, -1) <= 0 then
      call('HDEL', base .. ':users:' .. scope, user)
      if wanted then
        hookLater(field, 3000)
      end
      if call('HINCRBY', base .. ':members:' .. app, channel, -1) <= 0 then
        call('HDEL', base .. ':members:' .. app, channel)
      end
    end
  end
  emit('\3' .. string.char(#of) .. of .. text(scope) .. text(user))
end

local function count(of, scope, subscriptions, announced)
  local field = 'c' .. scope
  local stored = call('HGET', entries(of), field) or '0' -- a + where webhooks want it, .0 where counts too
  local old, app, channel = tonumber(stored), split(scope)
  if old ~= subscriptions then
    if subscriptions == 0 then
      call('HDEL', entries(of), field)
    else
      call('HSET', entries(of), field, hooked[app] and '+' .. subscriptions .. hooked[app] or subscriptions)
    end
    local total = call('HINCRBY', base .. ':occ:' .. app, channel, subscriptions - old)
    if total <= 0 then
      call('HDEL', base .. ':occ:' .. app, channel)
    end
    if hooked[app] or string.byte(stored) == 43 then
      local before = total - subscriptions + old
      if before <= 0 and total > 0 and not undone('v' .. scope) then
        hook(scope, 'channel_occupied', '', '')
      elseif before > 0 and total <= 0 then
        hookLater('v' .. scope, 3000)
      end
      if (hooked[app] or string.match(stored, '%.0$')) == '.0' and string.sub(channel, 1, 9) ~= 'presence-' then
        hookLater('n' .. scope, total > 100 and 5000 or 1000)
      end
    end
    if announced then
      if not totals[scope] then
        totals[#totals + 1] = scope
      end
      totals[scope] = math.max(0, total)
    end
  elseif hooked[app] and subscriptions > 0 and string.byte(stored) ~= 43 then
    call('HSET', entries(of), field, '+' .. subscriptions .. hooked[app])
  end
end

-- Every field of what an owner has: counts are 'c' scope, members are 'm' length scope user.
local function member(field)
  local length, from = string.byte(field, 2) * 256 + string.byte(field, 3), 4
  if length == 65535 then
    local a, b, c, d = string.byte(field, 4, 7)
    length, from = ((a * 256 + b) * 256 + c) * 256 + d, 8
  end
  return string.sub(field, from, from + length - 1), string.sub(field, from + length)
end

local function removeExcept(of, wanted)
  local have = call('HKEYS', entries(of))
  for _, field in ipairs(have) do
    touchScope(string.byte(field) == 99 and string.sub(field, 2) or (member(field)))
  end
  for _, field in ipairs(have) do
    if not wanted[field] then
      if string.byte(field) == 99 then
        count(of, string.sub(field, 2), 0, true)
      else
        leave(of, member(field))
      end
    end
  end
end
