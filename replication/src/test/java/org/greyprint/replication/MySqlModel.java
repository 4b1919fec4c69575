// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.replication.ScriptedServer.Answer;

/**
 * A MySQL server of a given version as far as a move asks it: it understands the words of its
 * version and no others (error 1064), keeps variables, schemas and whom it follows, and writes down
 * every statement. No rows are replicated: the one row that must arrive is shared by the whole set.
 */
final class MySqlModel implements AutoCloseable {
  static final String UUID_OLD = "11111111-1111-1111-1111-111111111111";

  /** What all servers of a set have in common. */
  static final class Shared {
    private final Map<String, Long> idsByPort = new ConcurrentHashMap<>();
    private volatile String token = "";
    private volatile boolean schema;
  }

  private final String name;
  private final ServerVersion version;
  private final Shared shared;
  private final ScriptedServer server;
  private final Map<String, String> variables = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> schemas = new LinkedHashSet<>();
  private final Set<String> accounts = new LinkedHashSet<>(Set.of("root"));
  private final List<MySqlModel> followers = new ArrayList<>();
  private final List<String> transcript = new ArrayList<>();
  private boolean follows;
  private boolean io;
  private boolean applier;
  private String sourceHost = "";
  private String sourcePort = "";
  private long sourceId;
  private boolean autoPosition;

  MySqlModel(String name, String text, long id, boolean gtid, Shared shared) {
    this.name = name;
    this.version = ServerVersion.parse(text);
    this.shared = shared;
    this.server = new ScriptedServer(text, this::answer);
    shared.idsByPort.put("" + server.port(), id);
    variables.put("server_id", "" + id);
    variables.put("log_bin", "ON");
    variables.put(version.atLeast(8, 0, 26) ? "log_replica_updates" : "log_slave_updates", "ON");
    variables.put("gtid_mode", gtid ? "ON" : "OFF");
    variables.put("gtid_executed", gtid ? UUID_OLD + ":1-9" : "");
    variables.put("read_only", "OFF");
    variables.put("super_read_only", "OFF");
    variables.put("event_scheduler", "OFF");
    variables.put("binlog_format", "ROW");
    variables.put("max_allowed_packet", "67108864");
    variables.put("lower_case_table_names", "0");
    variables.put("datadir", "/nonexistent/");
  }

  /** The old master's side of things: schemas, accounts. */
  MySqlModel filled() {
    schemas.add("shop");
    accounts.addAll(List.of("app", "repl"));
    return this;
  }

  /** Makes it a replica of another, by GTID or by file. */
  MySqlModel following(MySqlModel source) {
    follows = true;
    io = true;
    applier = true;
    sourceHost = "127.0.0.1";
    sourcePort = "" + source.port();
    sourceId = Long.parseLong(source.variables.get("server_id"));
    autoPosition = "ON".equals(source.variables.get("gtid_mode"));
    source.followers.add(this);
    return this;
  }

  int port() {
    return server.port();
  }

  Address address() {
    return new Address("root", "127.0.0.1", port());
  }

  /** Every statement in its order, ports as names, the token's value left out. */
  synchronized List<String> transcript(Map<Integer, String> names) {
    return transcript.stream()
        .map(line -> {
          String text = line.replaceAll("[0-9a-f]{8}-(?!1111)[0-9a-f-]{27}", "<token>");
          for (Map.Entry<Integer, String> one : names.entrySet()) {
            text = text.replaceAll("\\b" + one.getKey() + "\\b", one.getValue());
          }
          return text;
        })
        .toList();
  }

  private synchronized Answer answer(String user, int session, String sql) {
    boolean driver =
        sql.toLowerCase(java.util.Locale.ROOT).startsWith("set  ")
            || sql.contains("wait_timeout")
            || sql.contains("@@max_allowed_packet");
    if (!driver) {
      transcript.add((user.equals("root") ? "" : user + ": ") + sql);
    }
    Matcher unknown = notOfThisVersion().matcher(sql);
    if (unknown.find()) {
      return new Answer.Refused(
          1064,
          "42000",
          "You have an error in your SQL syntax; check the manual that corresponds to your MySQL"
              + " server version for the right syntax to use near '"
              + unknown.group()
              + "'");
    }
    for (Map.Entry<Pattern, Function<Matcher, Answer>> rule : rules(user).entrySet()) {
      Matcher matcher = rule.getKey().matcher(sql);
      if (matcher.matches()) {
        return rule.getValue().apply(matcher);
      }
    }
    return new Answer.Refused(1064, "42000", name + " is not told what to answer to: " + sql);
  }

  /** The words this version does not have, yet or any more. */
  private Pattern notOfThisVersion() {
    List<String> words = new ArrayList<>();
    if (version.atLeast(8, 4, 0)) {
      words.add("SHOW (MASTER|SLAVE) \\w+|(START|STOP|RESET) SLAVE|CHANGE MASTER|RESET MASTER");
      words.add("\\bMASTER_\\w+");
    }
    if (!version.atLeast(8, 2, 0)) {
      words.add("SHOW BINARY LOG STATUS|RESET BINARY LOGS");
    }
    if (!version.atLeast(8, 0, 22)) {
      words.add("SHOW REPLICAS?\\b|(START|STOP|RESET) REPLICA|DISABLE ON REPLICA");
    }
    if (!version.atLeast(8, 0, 23)) {
      words.add("CHANGE REPLICATION SOURCE|\\bSOURCE_\\w+|GET_(SOURCE|MASTER)_PUBLIC_KEY");
    }
    words.add("MASTER_USE_GTID|MASTER_GTID_WAIT|gtid_slave_pos|gtid_binlog_\\w+");
    return Pattern.compile(String.join("|", words));
  }

  private static Answer ok() {
    return new Answer.Ok();
  }

  private static Answer rows(List<String> columns, List<List<String>> rows) {
    return new Answer.Rows(columns, rows);
  }

  private static Answer value(String value) {
    return rows(List.of("value"), List.of(List.of(value)));
  }

  private static Answer none(String... columns) {
    return rows(List.of(columns), List.of());
  }

  private Map<Pattern, Function<Matcher, Answer>> rules(String user) {
    Map<Pattern, Function<Matcher, Answer>> rules = new LinkedHashMap<>();
    rule(rules, "(?i)set .*(autocommit|wait_timeout|character_set|sql_mode|names).*", m -> ok());
    rule(
        rules,
        "select @@max_allowed_packet.*",
        m -> rows(List.of("@@max_allowed_packet", "@@wait_timeout"), List.of(List.of("1", "1"))));
    rule(rules, "SELECT VERSION\\(\\)", m -> value(versionText()));
    rule(rules, "SELECT 1", m -> value("1"));
    rule(rules, "SHOW GLOBAL VARIABLES", m -> variables());
    rule(rules, "SELECT @@GLOBAL\\.(\\w+)(?: AS \\w+)?", m -> value(shown(m.group(1))));
    rule(rules, "SET GLOBAL (\\w+)='?([^']*)'?", m -> set(m.group(1), m.group(2)));
    rule(rules, "SET (SESSION|sql_log_bin|TRANSACTION).*", m -> ok());
    rule(rules, "SHOW (MASTER|BINARY LOG) STATUS", m -> position());
    rule(rules, "SHOW (SLAVE|REPLICA) STATUS", m -> status());
    rule(rules, "SHOW (SLAVE HOSTS|REPLICAS)", m -> hosts());
    rule(rules, "SHOW (FULL )?PROCESSLIST", m -> none("Id", "User", "Host", "Command", "State"));
    rule(rules, "SHOW DATABASES", m -> databases());
    rule(rules, "SHOW GRANTS(?: FOR (.*))?", m -> grants(user, m.group(1)));
    rule(rules, "XA RECOVER", m -> none("formatID", "data"));
    rule(
        rules,
        "(?s)SELECT .*FROM information_schema\\.(\\w+).*",
        m -> schema(m.group(1), m.group()));
    rule(rules, "SELECT User, Host FROM mysql\\.user", m -> accounts());
    rule(
        rules,
        "SHOW CREATE USER '(\\w+)'@'%'",
        m -> value("CREATE USER '" + m.group(1) + "'@'%' IDENTIFIED WITH 'x' AS 'hash'"));
    rule(rules, "CREATE USER '(\\w+)'.*", m -> account(m.group(1)));
    rule(rules, "GRANT .*", m -> ok());
    rule(rules, "SELECT IS_USED_LOCK.*", m -> value(""));
    rule(rules, "SELECT (WAIT_|MASTER_POS|SOURCE_POS).*", m -> value("0"));
    rule(rules, "SELECT GTID_SUBTRACT.*", m -> value(""));
    rule(rules, "SELECT GTID_SUBSET.*", m -> value("1"));
    rule(rules, "CREATE (DATABASE|TABLE) IF NOT EXISTS (\\w+).*", m -> made(m.group(2)));
    rule(rules, "DROP DATABASE (?:IF EXISTS )?`?(\\w+)`?", m -> dropped(m.group(1)));
    rule(rules, "REPLACE INTO \\w+\\.token VALUES \\(1, '(.*)'\\)", m -> token(m.group(1)));
    rule(rules, "SELECT value FROM greyprint_move\\.token", m -> value(shared.token));
    rule(rules, "CHECKSUM TABLE (.*)", m -> checksum(m.group(1)));
    rule(rules, "CHANGE (MASTER|REPLICATION SOURCE) TO (.*)", m -> change(m.group(2)));
    rule(rules, "(START|STOP) (SLAVE|REPLICA)( SQL_THREAD.*)?", m -> run(m.group(1), m.group(3)));
    rule(rules, "RESET (SLAVE|REPLICA) ALL", m -> forget());
    rule(rules, "RESET (MASTER|BINARY LOGS AND GTIDS)", m -> set("gtid_executed", ""));
    rule(rules, "(FLUSH TABLES WITH READ LOCK|UNLOCK TABLES|START TRANSACTION.*)", m -> ok());
    rule(
        rules,
        "SHOW GLOBAL STATUS LIKE 'Uptime'",
        m -> rows(List.of("Variable_name", "Value"), List.of(List.of("Uptime", "100"))));
    rule(rules, "SHUTDOWN", m -> shutdown());
    return rules;
  }

  private static void rule(
      Map<Pattern, Function<Matcher, Answer>> rules,
      String pattern,
      Function<Matcher, Answer> answer) {
    rules.put(Pattern.compile(pattern), answer);
  }

  private String versionText() {
    return version.major() + "." + version.minor() + "." + version.patch();
  }

  private Answer variables() {
    List<List<String>> rows = new ArrayList<>();
    variables.forEach((key, value) -> rows.add(List.of(key, value)));
    return rows(List.of("Variable_name", "Value"), rows);
  }

  private String shown(String variable) {
    String value = variables.getOrDefault(variable, "");
    return variable.endsWith("read_only") ? (value.equals("ON") ? "1" : "0") : value;
  }

  private Answer set(String variable, String value) {
    String known = variable.equals("gtid_purged") ? "gtid_executed" : variable;
    boolean flag = known.endsWith("read_only");
    variables.put(known, flag ? (value.equals("1") ? "ON" : "OFF") : value);
    if (known.equals("super_read_only") && value.equals("1")) {
      variables.put("read_only", "ON");
    }
    if (known.equals("read_only") && value.equals("0")) {
      variables.put("super_read_only", "OFF");
    }
    return ok();
  }

  private Answer position() {
    return rows(
        List.of("File", "Position", "Binlog_Do_DB", "Binlog_Ignore_DB"),
        List.of(List.of("binlog.000002", "157", "", "")));
  }

  private Answer status() {
    boolean fresh = version.atLeast(8, 0, 22);
    String replica = fresh ? "Replica" : "Slave";
    String source = fresh ? "Source" : "Master";
    List<String> columns =
        List.of(
            replica + "_IO_State",
            source + "_Host",
            source + "_User",
            source + "_Port",
            replica + "_IO_Running",
            replica + "_SQL_Running",
            "Last_IO_Errno",
            "Last_IO_Error",
            "Last_SQL_Errno",
            "Last_SQL_Error",
            "Seconds_Behind_" + source,
            source + "_Server_Id",
            "Auto_Position");
    if (!follows) {
      return rows(columns, List.of());
    }
    String waiting =
        "Waiting for " + (version.atLeast(8, 0, 26) ? "source" : "master") + " to send event";
    return rows(
        columns,
        List.of(
            List.of(
                io ? waiting : "",
                sourceHost,
                "repl",
                sourcePort,
                io ? "Yes" : "No",
                applier ? "Yes" : "No",
                "0",
                "",
                "0",
                "",
                "0",
                "" + sourceId,
                autoPosition ? "1" : "0")));
  }

  private Answer hosts() {
    List<List<String>> rows = new ArrayList<>();
    for (MySqlModel follower : followers) {
      if (follower.follows && follower.sourcePort.equals("" + port())) {
        rows.add(List.of(follower.variables.get("server_id"), "127.0.0.1", "" + follower.port()));
      }
    }
    return rows(List.of("Server_Id", "Host", "Port"), rows);
  }

  private Answer databases() {
    List<List<String>> rows = new ArrayList<>(List.of(List.of("mysql"), List.of("sys")));
    schemas.forEach(schema -> rows.add(List.of(schema)));
    if (shared.schema) {
      rows.add(List.of("greyprint_move"));
    }
    return rows(List.of("Database"), rows);
  }

  private Answer grants(String user, String other) {
    String granted =
        other != null || !user.equals("root")
            ? "REPLICATION SLAVE"
            : version.atLeast(8, 0, 0)
                ? "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, SHUTDOWN, PROCESS, SUPER,"
                    + " LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT, SHOW VIEW, CREATE USER,"
                    + " EVENT, TRIGGER"
                : "ALL PRIVILEGES";
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("GRANT " + granted + " ON *.* TO `x`@`%`"));
    if (granted.contains("SUPER")) {
      rows.add(List.of("GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `x`@`%`"));
    }
    return rows(List.of("Grants"), rows);
  }

  private static Answer schema(String table, String sql) {
    return switch (table) {
      case "PLUGINS" -> rows(List.of("PLUGIN_NAME"), List.of(List.of("x")));
      case "TABLES" -> tables(sql);
      default -> none("EVENT_SCHEMA", "EVENT_NAME", "DEFINER", "id", "age");
    };
  }

  private static Answer tables(String sql) {
    return sql.contains("COALESCE(SUM(")
        ? rows(List.of("bytes"), List.of(List.of("1000000")))
        : sql.contains("LEFT JOIN") // Those that are not transactional.
            ? none("TABLE_SCHEMA", "TABLE_NAME", "ENGINE")
            : rows(List.of("TABLE_SCHEMA", "TABLE_NAME"), List.of(List.of("shop", "items")));
  }

  private Answer accounts() {
    return rows(
        List.of("User", "Host"), accounts.stream().map(user -> List.of(user, "%")).toList());
  }

  private Answer account(String user) {
    accounts.add(user);
    return ok();
  }

  private Answer made(String schema) {
    shared.schema |= schema.equals("greyprint_move");
    return ok();
  }

  private Answer dropped(String schema) {
    schemas.remove(schema);
    shared.schema &= !schema.equals("greyprint_move");
    return ok();
  }

  private Answer token(String value) {
    shared.token = value;
    return ok();
  }

  private Answer checksum(String table) {
    return rows(List.of("Table", "Checksum"), List.of(List.of(table, "42")));
  }

  private Answer change(String options) {
    follows = true;
    sourceHost = option(options, "_HOST='([^']*)'");
    sourcePort = option(options, "_PORT=(\\d+)");
    autoPosition = options.contains("_AUTO_POSITION=1");
    sourceId = 0;
    return ok();
  }

  private static String option(String options, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(options);
    return matcher.find() ? matcher.group(1) : "";
  }

  private Answer run(String word, String applierOnly) {
    boolean start = word.equals("START");
    boolean until = applierOnly != null && applierOnly.contains("UNTIL");
    applier = start && !until;
    if (applierOnly == null) {
      io = start;
      sourceId = shared.idsByPort.getOrDefault(sourcePort, 0L);
    }
    return ok();
  }

  private Answer forget() {
    follows = false;
    return ok();
  }

  private Answer shutdown() {
    Thread.ofVirtual().start(server::close);
    return ok();
  }

  @Override
  public void close() {
    server.close();
  }
}
