import com.sun.net.httpserver.HttpServer

// Writes down who asks, and lets nobody in. It ends with the build's JVM.
HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.loopbackAddress, 0), 0)
File asked = new File(basedir, "asked.txt")
server.createContext("/") { exchange ->
  asked << exchange.requestHeaders.getFirst("Authorization") + "\n"
  exchange.sendResponseHeaders(401, -1)
  exchange.close()
}
server.executor = java.util.concurrent.Executors.newCachedThreadPool { work ->
  Thread thread = new Thread(work)
  thread.daemon = true
  thread
}
server.start()
Properties properties = new Properties()
properties["covid.mlflow.trackingUri"] = "http://127.0.0.1:" + server.address.port
properties["settings.security"] = new File(basedir, "security.xml").path
new File(basedir, "test.properties").withOutputStream { properties.store(it, null) }

File run = new File(basedir, "mlruns/1/0123456789abcdef0123456789abcdef")
run.mkdirs()
new File(run.parentFile, "meta.yaml").text = """\
artifact_location: ./mlruns/1
experiment_id: "1"
lifecycle_stage: active
name: lungs
"""
new File(run, "meta.yaml").text = """\
artifact_uri: ./mlruns/1/0123456789abcdef0123456789abcdef/artifacts
end_time: 2000
experiment_id: "1"
lifecycle_stage: active
run_id: 0123456789abcdef0123456789abcdef
run_name: a run
start_time: 1000
status: 3
user_id: hugo
"""
return true
