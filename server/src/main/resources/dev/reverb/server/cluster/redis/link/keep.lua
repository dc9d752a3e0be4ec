-- Part of write.lua, after the frame stands in the log as {id}: its messages, into the histories of their channels.
--
-- Histories: a stream for each channel, whose ids are those of the log with the place in the frame behind them, and,
-- for a day, where it ended: <id> <node> <number> <messages ever> <bytes ever>, and the last number of each node that
-- wrote to it lately, the newest last: <node>=<number>@<milliseconds>;…, then what stood before the messages at its end
-- that one node wrote in a row: <id>:<node>:<number>, '0-0:-:0' for nothing.
do
  local k, at = 0, FIRST
  while at <= #ARGV do
    if ARGV[at] == 'h' then
      local scope, most, age, room = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
      local stream, mark = base .. ':hist:' .. scope, base .. ':hpos:' .. scope
      local place = string.format('%.0f-%.0f', ms, position * 16384 + k)
      local lastId, lastNode, lastNumber, n, b, lasts = string.match(call('GET', mark) or '',
        '^(%S+) (%S+) (%d+) (%d+) (%d+) ?(%S*)$')
      local written, others = 0, {}
      for who, what, when in string.gmatch(lasts or '', '(%w+)=(%d+)@(%d+)') do
        if who == node then
          written = number(what)
        elseif number(when) > now - retention * 4 then
          others[#others + 1] = who .. '=' .. what .. '@' .. when
        end
      end
      if #others > 7 then
        table.remove(others, 1)
      end
      if written < number(ARGV[at + 5]) then
        -- an earlier end may have been given up: 'f' says that, where the history seems to begin
        local forgot = not n and call('HGET', KEYS[2], '#forgot') or nil
        local before = lastNode == node and string.match(lasts, '%d+%-%d+:[^:;]+:%d+$')
          or n and table.concat({lastId, lastNode, lastNumber}, ':') or not forgot and '0-0:-:0' or nil
        n, b = number(n) + 1, number(b) + #ARGV[at + 7]
        local function keep()
          local entry = {'o', node, 's', ARGV[at + 5], 'x', ARGV[at + 6], 'm', ARGV[at + 7],
            'n', string.format('%.0f', n), 'b', string.format('%.0f', b), 'q', ARGV[7]}
          if forgot then
            entry[15], entry[16] = 'f', forgot
          end
          return redis.pcall('XADD', stream, place, unpack(entry))
        end
        local kept = keep()
        if type(kept) == 'table' and kept.err then -- something that is not from here, or later: begin anew
          call('DEL', stream)
          n = 1
          keep()
        end
        call('XTRIM', stream, 'MAXLEN', most)
        call('XTRIM', stream, 'MINID', string.format('%.0f', ms - age))
        local app, channel = split(scope)
        measure(app, scope, (trimmed(stream, b, room)))
        call('PEXPIRE', stream, age)
        expire(app, now, channel)
        call('ZADD', base .. ':hlru:' .. app, string.format('%.0f', now + age), channel)
        if call('ZADD', base .. ':hmarks', string.format('%.0f', now), scope) == 1 or position % 16 == 0 then
          for _, key in ipairs({':happs', ':hbytes', ':hmarks', ':hlru:' .. app}) do
            call('PEXPIRE', base .. key, 172800000)
          end
          if call('ZCARD', base .. ':hmarks') > MOST_MARKS then
            for _, old in ipairs(call('ZRANGEBYSCORE', base .. ':hmarks', '-inf', '+inf', 'LIMIT', 0, 2)) do
              if old ~= scope then
                local past = string.match(call('GET', base .. ':hpos:' .. old) or '', '^%d+')
                if number(past) > number(call('HGET', KEYS[2], '#forgot')) then
                  call('HSET', KEYS[2], '#forgot', past)
                end
                drop(split(old))
                call('DEL', base .. ':hpos:' .. old)
                call('ZREM', base .. ':hmarks', old)
              end
            end
          end
        end
        shed(app, number(ARGV[at + 8]), scope, b)
        shed('%', number(ARGV[13]), scope, b)
        others[#others + 1] = string.format('%s=%s@%.0f', node, ARGV[at + 5], now)
        others[#others + 1] = before
        call('SET', mark, string.format('%s %s %s %.0f %.0f %s', place, node, ARGV[at + 5], n, b,
          table.concat(others, ';')), 'PX', math.max(86400000, age))
      end
      k = k + 1
    end
    if ARGV[at] == 'a' then
      local entries = tonumber(ARGV[at + 1])
      at = at + 2
      for _ = 1, entries do
        at = at + size[ARGV[at]]
      end
    else
      at = at + size[ARGV[at]]
    end
  end
end
